"""Pictures of messages and of what is lent: for the two sides alone, at addresses that only they can use."""

from collections.abc import Callable

from flask import url_for
from sqlalchemy import BigInteger, Boolean, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from marketplace.exchanges.course_models import ExchangeLoan, ExchangeMessage
from marketplace.exchanges.models import Exchange, ExchangeItem
from marketplace.extensions import db
from marketplace.pictures.models import Picture
from marketplace.reports.models import Case

_MEMBER = bindparam("member_id", type_=BigInteger)
_near = aliased(ExchangeMessage)
# The case shows the message that was reported with those around it.
_was_reported = (
    select(Case.id)
    .join(_near, _near.id == Case.object_id)
    .where(Case.kind == "message", _near.exchange_id == Exchange.id)
    .correlate(Exchange)
    .exists()
)
_KEY = (
    select(Picture.key)
    .outerjoin(ExchangeMessage, ExchangeMessage.id == Picture.message_id)
    .outerjoin(
        ExchangeLoan,
        or_(ExchangeLoan.picture_before_id == Picture.id, ExchangeLoan.picture_after_id == Picture.id),
    )
    .outerjoin(ExchangeItem, ExchangeItem.id == ExchangeLoan.exchange_item_id)
    .join(Exchange, Exchange.id == func.coalesce(ExchangeMessage.exchange_id, ExchangeItem.exchange_id))
    .where(
        Picture.id == bindparam("id", type_=BigInteger),
        Exchange.id == bindparam("exchange_id", type_=BigInteger),
        or_(
            Exchange.proposer_id == _MEMBER,
            Exchange.receiver_id == _MEMBER,
            and_(
                bindparam("is_moderator", type_=Boolean),
                or_(
                    and_(ExchangeMessage.id.is_not(None), _was_reported),
                    and_(ExchangeLoan.id.is_not(None), Exchange.disputed_at.is_not(None)),
                ),
            ),
        ),
    )
)


def key_of_picture(exchange_id: int, picture_id: int, member_id: int, is_moderator: bool) -> str | None:
    """Return the key of a picture that belongs to an exchange, None when there is none or it is not for them.

    It is for the two sides; for moderators when a message of the exchange was reported, or when one of them
    was asked to look at the loan.
    """
    values = {
        "id": picture_id,
        "exchange_id": exchange_id,
        "member_id": member_id,
        "is_moderator": is_moderator,
    }
    key: str | None = db.session.scalar(_KEY, values)
    return key


def addresses_of(exchange_id: int) -> Callable[[int], str]:
    """Return what makes of a picture's id the address below which its files are."""
    # Building each address by its rule would take longer than the query.
    any_address = url_for("exchanges.picture", exchange_id=exchange_id, picture_id=1, name="-")
    prefix = any_address.removesuffix("1/-")
    return lambda picture_id: f"{prefix}{picture_id}"
