"""Reads of what becomes of an exchange once it is agreed on: its loans, its dispute; and all disputes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import BigInteger, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.exchanges.conditions import IS_WAITED_FOR, PROMISED_FROM
from marketplace.exchanges.course_models import ExchangeDispute, ExchangeLoan
from marketplace.exchanges.models import Exchange, ExchangeItem
from marketplace.exchanges.private_pictures import addresses_of
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.pictures.models import Picture
from marketplace.pictures.queries import ShownPicture, pictures_by_id

# So many disputes are on the moderators' page: the oldest.
DISPUTES_MAXIMUM = 100

_ID = bindparam("id", type_=BigInteger)
_LOANS = (
    select(
        ExchangeLoan,
        ExchangeItem.name,
        ExchangeItem.item_id,
        ExchangeItem.giver,
        IS_WAITED_FOR.label("is_waited_for"),
        PROMISED_FROM.label("promised_from"),
    )
    .join(ExchangeItem, ExchangeItem.id == ExchangeLoan.exchange_item_id)
    .join(Exchange, Exchange.id == ExchangeLoan.exchange_id)
    .where(ExchangeLoan.exchange_id == _ID)
    .order_by(ExchangeLoan.id)
)
_proposer, _receiver = aliased(User), aliased(User)
_DISPUTES = (
    select(
        Exchange.id,
        Exchange.disputed_at,
        ExchangeDispute.side,
        ExchangeDispute.words,
        Exchange.proposer_id,
        Exchange.receiver_id,
        _proposer.username.label("proposer"),
        _receiver.username.label("receiver"),
    )
    # Without its words, which a way back and up again may have cost, it waits for a decision all the same.
    .outerjoin(ExchangeDispute, ExchangeDispute.exchange_id == Exchange.id)
    .outerjoin(_proposer, _proposer.id == Exchange.proposer_id)
    .outerjoin(_receiver, _receiver.id == Exchange.receiver_id)
    .where(Exchange.state == "disputed")
)

# A picture that shows a lent thing as it was when it changed hands.
IS_PICTURE_OF_LOAN = exists().where(
    or_(ExchangeLoan.picture_before_id == Picture.id, ExchangeLoan.picture_after_id == Picture.id)
)


@dataclass(frozen=True)
class Lent:
    """A lent thing: its loan, whether others wait for it, and from when on it is promised to others."""

    loan: ExchangeLoan
    name: str
    item_id: int | None
    lender: str
    is_waited_for: bool
    promised_from: datetime | None

    @property
    def borrower(self) -> str:
        """The side that borrows it."""
        return OTHER_SIDE[self.lender]

    def is_confirmed_by(self, side: str) -> bool:
        """Whether that side has said that it is back."""
        loan = self.loan
        said = loan.lender_returned_at if side == self.lender else loan.borrower_returned_at
        return said is not None

    @property
    def is_said_to_be_back(self) -> bool:
        """Whether one of the two has said that it is back."""
        return self.is_confirmed_by("proposer") or self.is_confirmed_by("receiver")

    @property
    def half_said(self) -> tuple[datetime, str] | None:
        """When and by which side it is said to be back, while the other one has yet to say so."""
        said = (
            (self.lender, self.loan.lender_returned_at),
            (self.borrower, self.loan.borrower_returned_at),
        )
        by_whom = [(at, side) for side, at in said if at is not None]
        return by_whom[0] if len(by_whom) == 1 else None


def last_half_said(loans: Sequence[Lent]) -> tuple[datetime, str] | None:
    """Return when and by which side it was said last that a thing is back, of those half said."""
    return max((lent.half_said for lent in loans if lent.half_said is not None), default=None)


def loans_of(exchange_id: int, now: datetime) -> list[Lent]:
    """Return the loans of the exchange, as they are in the database at this moment."""
    rows = db.session.execute(
        _LOANS, {"id": exchange_id, "now": now}, execution_options={"populate_existing": True}
    )
    return [Lent(*row) for row in rows]


def pictures_of_loans(exchange_id: int, loans: Sequence[Lent]) -> dict[int, ShownPicture]:
    """Return what the exchange's loans looked like when they changed hands, by the picture's id."""
    ids = [
        picture_id
        for lent in loans
        for picture_id in (lent.loan.picture_before_id, lent.loan.picture_after_id)
        if picture_id is not None
    ]
    return pictures_by_id(ids, addresses_of(exchange_id)) if ids else {}


def dispute_of(exchange_id: int) -> ExchangeDispute | None:
    """Return why a moderator was asked, if one was."""
    return db.session.get(ExchangeDispute, exchange_id)


def open_disputes() -> Sequence[Any]:
    """Return the disputes that wait for a moderator, the oldest first."""
    oldest = _DISPUTES.order_by(Exchange.disputed_at, Exchange.id).limit(DISPUTES_MAXIMUM)
    return db.session.execute(oldest).all()


def get_dispute(exchange_id: int) -> Any:
    """Return a dispute that waits for a moderator; 404 when there is none, or none any more."""
    return db.session.execute(_DISPUTES.where(Exchange.id == exchange_id)).one_or_none() or abort(404)
