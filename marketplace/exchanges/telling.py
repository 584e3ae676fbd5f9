"""Who is told what of an exchange: each event becomes notifications, in the transaction that writes it."""

from collections.abc import Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import ColumnElement, exists, select

from marketplace.exchanges.conditions import IS_ON_HOLD, WOULD_BE_HELD
from marketplace.exchanges.course_models import ExchangeEvent, ExchangeHold
from marketplace.exchanges.models import SIDES, Exchange, ExchangeItem
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.exchanges.wording import names_in_words
from marketplace.extensions import db
from marketplace.listings.models import ListingItem
from marketplace.notifications import kinds
from marketplace.notifications.actions import notify
from marketplace.notifications.kinds import Kind
from marketplace.notifications.rules import AT_ONCE, DAILY

# So many things are named in a sentence.
NAMED_MAXIMUM = 3

# By the event, or by what time brings: how members choose it, and what they read.
_KINDS = {
    "ask": ("Somebody asks about a thing of yours", "{who} asks you something about {things}.", AT_ONCE),
    "propose": ("Somebody proposes a swap", "{who} proposes a swap to you: {things}.", AT_ONCE),
    "reply": ("Your question is answered", "{who} answered your question about {things}.", AT_ONCE),
    "offer": ("A question becomes a proposal", "{who} makes you a proposal: {things}.", AT_ONCE),
    "change": ("Your proposal is changed", "{who} changed your proposal: {things}.", AT_ONCE),
    "accept": ("Your proposal is accepted", "{who} accepted your swap: {things}.", AT_ONCE),
    "decline": ("Your proposal is declined", "{who} declined: {things}.", AT_ONCE),
    "withdraw": ("A proposal is taken back", "{who} took a proposal back: {things}.", DAILY),
    "lapse": ("A proposal was not answered in time", "It was not answered in time: {things}.", DAILY),
    "undo": ("An acceptance is taken back", "{who} took the acceptance back: {things}.", AT_ONCE),
    "arrange": ("Place and time are set", "{who} says where and when to meet: {things}.", AT_ONCE),
    "hand": (
        "The other side has handed over",
        "{who} says that all has changed hands: {things}. Is that so?",
        AT_ONCE,
    ),
    "lend": ("A loan begins", "{who} says so, too: what is lent is on loan now: {things}.", DAILY),
    "complete": ("A swap is completed", "{who} says so, too: the swap is completed: {things}.", AT_ONCE),
    "cancel": ("A swap is called off", "{who} called the swap off: {things}.", AT_ONCE),
    "close": ("A swap is closed", "Nothing was heard any more, so it was closed: {things}.", AT_ONCE),
    "ask_longer": ("Somebody asks to keep it longer", "{who} asks to keep it for longer: {things}.", AT_ONCE),
    "lend_longer": ("You may keep it longer", "{who} lends it to you for longer: {things}.", AT_ONCE),
    "give_back": (
        "Something lent is back",
        "{who} says that something lent is back: {things}. Is that so?",
        AT_ONCE,
    ),
    "take_back": ("A loan is over", "{who} says so, too: all that was lent is back: {things}.", AT_ONCE),
    "close_loan": (
        "A loan is closed",
        "Only one side said that all is back, and nothing more was heard, so it was closed: {things}.",
        AT_ONCE,
    ),
    "dispute": ("A moderator is asked", "{who} asked a moderator to look at your swap: {things}.", AT_ONCE),
    "settle": ("A moderator settles a swap", "A moderator decided that it is completed: {things}.", AT_ONCE),
    "annul": ("A moderator annuls a swap", "A moderator decided that it fell through: {things}.", AT_ONCE),
    "abandon": ("The other member left", "The other member left, so it was closed: {things}.", AT_ONCE),
    "hold": (
        "Something proposed is promised to others",
        "A proposal is on hold, since something of it is promised to somebody else: {things}.",
        DAILY,
    ),
    "free": (
        "Something promised is free again",
        "A proposal is no longer on hold: what it is about is free again: {things}.",
        AT_ONCE,
    ),
    "confirm": (
        "You have yet to say that all changed hands",
        "{who} said days ago that all has changed hands: {things}. Say so, too, or what is wrong.",
        AT_ONCE,
    ),
    "confirm_back": (
        "You have yet to say that something lent is back",
        "{who} said days ago that something lent is back: {things}. Say so, too, or what is wrong.",
        AT_ONCE,
    ),
    "due_soon": ("A loan is due soon", "In two days it is due: {things}.", AT_ONCE),
    "due_today": ("A loan is due today", "Today it is due: {things}.", AT_ONCE),
    "overdue": ("A loan is overdue", "It should have been back for {days}: {things}.", AT_ONCE),
}

_NAMES = select(ListingItem.name).order_by(ListingItem.id)


def register_kinds(app: Flask) -> None:
    """Let members be told of all this, and choose how."""
    for name, (title, sentence, letters) in _KINDS.items():
        kinds.register(
            app,
            Kind(kind_of(name), title, sentence, "exchanges.show", ("exchange_id",), "action", letters),
        )


def kind_of(name: str) -> str:
    """Return the name of the kind for an event, or for what time brings."""
    return f"swap_{name}"


def tell_of(exchange: Exchange, event: ExchangeEvent) -> None:
    """Tell the other side of what one did, and both of what the site or a moderator did.

    Those who wait for something that is promised by it, or free again, are told of that.
    """
    actor_id = member_of(exchange, event.actor) if event.actor in SIDES else None
    sides = (OTHER_SIDE[event.actor],) if event.actor in SIDES else SIDES
    tell_sides(exchange, sides, event.event, f"swap event {event.id}", event.at, by_id=actor_id)
    if event.event == "accept":
        _tell_others(exchange, event, "hold", ExchangeHold.released_at.is_(None))
    elif exchange.accepted_at is not None or event.event == "undo":
        _tell_others(exchange, event, "free", ExchangeHold.released_at == event.at, ~IS_ON_HOLD)


def tell_sides(
    exchange: Exchange,
    sides: Sequence[str],
    name: str,
    once: str,
    at: datetime,
    *,
    by_id: int | None = None,
    **values: str | int,
) -> None:
    """Tell these sides of the exchange, as far as they are still members."""
    names = db.session.scalars(_NAMES.where(ListingItem.id.in_(exchange.item_ids))).all()
    for member_id in (member_of(exchange, side) for side in sides):
        if member_id is not None:
            notify(
                member_id,
                kind_of(name),
                once=once,
                at=at,
                by_id=by_id,
                exchange_id=exchange.id,
                things=_named(names),
                **values,
            )


def member_of(exchange: Exchange, side: str) -> int | None:
    """Return who is on that side; None when they have left."""
    return exchange.proposer_id if side == "proposer" else exchange.receiver_id


def _tell_others(
    exchange: Exchange,
    event: ExchangeEvent,
    name: str,
    which: ColumnElement[bool],
    *if_so: ColumnElement[bool],
) -> None:
    """Tell both sides of other open proposals about the things of these holds of the exchange."""
    touched = exists().where(
        ExchangeItem.exchange_id == Exchange.id,
        ExchangeItem.version == Exchange.version,
        ExchangeHold.item_id == ExchangeItem.item_id,
        ExchangeHold.exchange_id == exchange.id,
        which,
        ExchangeHold.during.op("&&")(WOULD_BE_HELD),
    )
    others = (
        select(Exchange)
        .where(
            Exchange.id != exchange.id,
            Exchange.state == "proposed",
            Exchange.open_until > event.at,
            touched,
            *if_so,
        )
        .order_by(Exchange.id)
    )
    for other in db.session.scalars(others, {"now": event.at}).all():
        tell_sides(other, SIDES, name, f"swap event {event.id} for {other.id}", event.at)


def _named(names: Sequence[str]) -> str:
    if not names:
        return "things that are gone"
    if len(names) <= NAMED_MAXIMUM:
        return names_in_words(names)
    return names_in_words([*names[: NAMED_MAXIMUM - 1], f"{len(names) - NAMED_MAXIMUM + 1} more"])
