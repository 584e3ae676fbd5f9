"""Exchanges for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from marketplace.accounts.models import User
from marketplace.exchanges.course_models import (
    ExchangeDispute,
    ExchangeEvent,
    ExchangeHold,
    ExchangeLoan,
    ExchangeMessage,
    ExchangeRead,
    ExchangeReview,
)
from marketplace.exchanges.models import AGREED, ENDED, OPEN, Exchange, ExchangeItem, ExchangeVersion
from marketplace.extensions import db
from marketplace.listings.models import ListingItem
from tests.factories.listings import ListingFactory


class ExchangeFactory(ListingFactory):
    """Makes exchanges as they would be, without what led to it."""

    def exchange(
        self,
        proposer: User,
        receiver: User,
        gives: Sequence[ListingItem] = (),
        gets: Sequence[ListingItem] = (),
        *,
        state: str = "proposed",
        note: str = "",
        **values: Any,
    ) -> Exchange:
        """Save an exchange in which the proposer gives and gets these things; held when it is agreed on."""
        now = datetime.now(UTC)
        defaults = {
            "proposer_id": proposer.id,
            "receiver_id": receiver.id,
            "state": state,
            "version": 0 if state == "question" else 1,
            "item_ids": sorted(item.id for item in (*gives, *gets)),
            "awaits": "receiver" if state in OPEN else None,
            "open_until": now + timedelta(days=7),
            "accepted_at": now if state in AGREED else None,
            "accepted_by": "receiver" if state in AGREED else None,
            "closed_at": now if state in ENDED else None,
            "closed_by": "receiver" if state in ENDED else None,
            "completed_at": now if state == "completed" else None,
            "disputed_at": now if state == "disputed" else None,
            "created_at": now,
            "updated_at": now,
        }
        exchange: Exchange = self.saved(Exchange(**(defaults | values)))
        if exchange.version:
            self.version(exchange, gives, gets, note=note)
        self.saved(
            ExchangeEvent(
                exchange_id=exchange.id,
                event="propose" if exchange.version else "ask",
                actor="proposer",
                version=exchange.version,
            )
        )
        if state in ("accepted", "lent", "disputed", "completed"):
            for giver, items in (("proposer", gives), ("receiver", gets)):
                for item in items:
                    self.hold(exchange, item, giver)
        return exchange

    def version(
        self,
        exchange: Exchange,
        gives: Sequence[ListingItem],
        gets: Sequence[ListingItem],
        number: int = 1,
        **values: Any,
    ) -> ExchangeVersion:
        """Save a proposal of the exchange."""
        columns = {
            "exchange_id": exchange.id,
            "number": number,
            "author": "proposer",
            "open_until": exchange.open_until,
        }
        version: ExchangeVersion = self.saved(ExchangeVersion(**(columns | values)))
        for giver, items in (("proposer", gives), ("receiver", gets)):
            for item in items:
                self.thing(exchange, item, giver, number)
        return version

    def thing(
        self, exchange: Exchange, item: ListingItem, giver: str, number: int = 1, **values: Any
    ) -> ExchangeItem:
        """Save that a proposal is about the item; what is lent is so for the next week."""
        columns: dict[str, Any] = {
            "exchange_id": exchange.id,
            "version": number,
            "giver": giver,
            "item_id": item.id,
            "name": item.name,
            "exchange_type": item.exchange_type,
            "value": item.value,
            "condition": item.condition,
        }
        if item.exchange_type == "temporary":
            columns |= {"lent_from": days(1), "lent_until": days(4)}
        thing: ExchangeItem = self.saved(ExchangeItem(**(columns | values)))
        return thing

    def message(self, exchange: Exchange, words: str, **values: Any) -> ExchangeMessage:
        """Save a message of the proposer's, unless told otherwise."""
        columns = {"exchange_id": exchange.id, "author": "proposer", "words": words}
        message: ExchangeMessage = self.saved(ExchangeMessage(**(columns | values)))
        return message

    def review(self, exchange: Exchange, **values: Any) -> ExchangeReview:
        """Save a good review by the proposer, unless told otherwise."""
        columns = {"exchange_id": exchange.id, "side": "proposer", "thumbs": "good", "words": "Kind"} | values
        about = exchange.receiver_id if columns["side"] == "proposer" else exchange.proposer_id
        review: ExchangeReview = self.saved(ExchangeReview(about_id=about, **columns))
        return review

    def hold(self, exchange: Exchange, item: ListingItem, giver: str, **values: Any) -> ExchangeHold:
        """Let the exchange hold the item, for good or for the days of `thing`."""
        during = Range(days(1), days(4)) if item.exchange_type == "temporary" else Range(days(0), None)
        columns = {"exchange_id": exchange.id, "item_id": item.id, "giver": giver, "during": during}
        hold: ExchangeHold = self.saved(ExchangeHold(**(columns | values)))
        return hold

    def course(self, exchange: Exchange, loan_of: ListingItem) -> None:
        """Save a loan of a thing of the exchange, a message that was read, and a review."""
        thing = self.thing(
            exchange, loan_of, "receiver", exchange_type="temporary", lent_from=days(1), lent_until=days(4)
        )
        self.saved(ExchangeLoan(exchange_id=exchange.id, exchange_item_id=thing.id, due_at=thing.lent_until))
        message = self.message(exchange, "When?")
        self.saved(ExchangeRead(exchange_id=exchange.id, side="receiver", message_id=message.id))
        self.review(exchange)

    def loan(self, exchange: Exchange, item: ListingItem, **values: Any) -> ExchangeLoan:
        """Save the loan of an item of the exchange, which both sides have said to have changed hands."""
        with self.app.app_context():
            of_item = select(ExchangeItem.id).where(
                ExchangeItem.exchange_id == exchange.id, ExchangeItem.item_id == item.id
            )
            thing_id = db.session.scalars(of_item).one()
        columns = {
            "exchange_id": exchange.id,
            "exchange_item_id": thing_id,
            "due_at": days(4),
            "lender_handed_at": days(0),
            "borrower_handed_at": days(0),
        }
        loan: ExchangeLoan = self.saved(ExchangeLoan(**(columns | values)))
        return loan

    def dispute(self, exchange: Exchange, **values: Any) -> ExchangeDispute:
        """Save why the proposer asked a moderator to look at the exchange."""
        columns = {"exchange_id": exchange.id, "side": "proposer", "words": "It is broken."}
        dispute: ExchangeDispute = self.saved(ExchangeDispute(**(columns | values)))
        return dispute


def days(number: int) -> datetime:
    """Return midnight so many days from today, in UTC."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=number)
