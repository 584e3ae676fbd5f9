"""Reads of the lists of a member's exchanges."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Select,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.exchanges.conditions import (
    HAS_LAPSED,
    IS_ON_HOLD,
    IS_OPEN,
    STATE_NOW,
)
from marketplace.exchanges.models import SIDES, Exchange, ExchangeItem
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.listings.paging import Part, Place, part_of

_MEMBER = bindparam("member_id", type_=BigInteger)

_ID = bindparam("id", type_=BigInteger)

_IDS = bindparam("ids", type_=ARRAY(BigInteger))

_proposer, _receiver = aliased(User), aliased(User)

PAGE_SIZE = 30

# A list is counted as far as this.
COUNTED = 1000

TABS = ("for_you", "for_other", "under_way", "ended")

_THINGS_OF_SEVERAL = (
    select(ExchangeItem.exchange_id, ExchangeItem.giver, ExchangeItem.name)
    .join(Exchange, (Exchange.id == ExchangeItem.exchange_id) & (Exchange.version == ExchangeItem.version))
    .where(ExchangeItem.exchange_id == func.any(_IDS))
    .order_by(ExchangeItem.exchange_id, ExchangeItem.id)
)

# The paging of lists calls every moment by which it goes created_at.
_ROW = (
    Exchange.id,
    Exchange.updated_at.label("created_at"),
    Exchange.open_until,
    Exchange.proposer_id,
    Exchange.receiver_id,
    STATE_NOW.label("state"),
    IS_ON_HOLD.label("is_on_hold"),
)

Rows = Select[*tuple[Any, ...]]


def _desks(tab: str) -> list[Rows]:
    """The parts of a list: what the member began and what others did, each by an index of its own."""
    member = {"proposer": Exchange.proposer_id, "receiver": Exchange.receiver_id}
    parts: list[Rows] = []
    for side in SIDES:
        mine = select(*_ROW).where(member[side] == _MEMBER)
        if tab == "under_way":
            parts.append(mine.where(Exchange.desk == "under_way"))
        elif tab == "ended":
            # What has lapsed and is not stored as that yet is never much.
            parts += [mine.where(Exchange.desk == "ended"), mine.where(HAS_LAPSED)]
        else:
            awaited = side if tab == "for_you" else OTHER_SIDE[side]
            parts.append(mine.where(Exchange.desk == awaited, IS_OPEN))
    return parts


def _page(tab: str, back: bool) -> Rows:
    place = tuple_(Exchange.updated_at, Exchange.id)
    cursor = tuple_(bindparam("created_at", type_=DateTime(timezone=True)), _ID)
    beyond = place > cursor if back else place < cursor
    parts = [part.where(beyond).limit(PAGE_SIZE + 1) for part in _desks(tab)]
    ordered = [part.order_by(*_order(Exchange.updated_at, Exchange.id, back)) for part in parts]
    found = union_all(*(select(part.subquery()) for part in ordered)).subquery()
    return (
        select(found, _proposer.username.label("proposer"), _receiver.username.label("receiver"))
        .outerjoin(_proposer, _proposer.id == found.c.proposer_id)
        .outerjoin(_receiver, _receiver.id == found.c.receiver_id)
        .order_by(*_order(found.c.created_at, found.c.id, back))
        .limit(PAGE_SIZE + 1)
    )


def _order(moment: Any, key: Any, back: bool) -> tuple[Any, Any]:
    return (moment, key) if back else (moment.desc(), key.desc())


def _counted(tab: str) -> Any:
    some = [part.with_only_columns(literal(1)).limit(COUNTED + 1) for part in _desks(tab)]
    return select(func.count()).select_from(union_all(*some).subquery()).scalar_subquery()


# By the list, and by whether it goes back.
_PAGES = {(tab, back): _page(tab, back) for tab in TABS for back in (False, True)}

_COUNTS = select(*(_counted(tab).label(tab) for tab in TABS if tab != "ended"))


def page_of_member(member_id: int, tab: str, place: Place) -> Part:
    """Return a page of the member's exchanges on one list, the one in which something happened last first."""
    values = place.parameters() | {"member_id": member_id, "now": clock.now()}
    return part_of(db.session.execute(_PAGES[tab, place.back], values).all(), PAGE_SIZE, place)


def count_of_member(member_id: int) -> dict[str, int]:
    """Return how many exchanges of the member wait and are under way; COUNTED + 1 or more stands for many."""
    row = db.session.execute(_COUNTS, {"member_id": member_id, "now": clock.now()}).one()
    return dict(row._mapping)


def names_of_things(exchange_ids: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    """Return what the things of the latest proposals are called, by exchange and by who gives them."""
    found: dict[tuple[int, str], list[str]] = {}
    if exchange_ids:
        for exchange_id, giver, name in db.session.execute(_THINGS_OF_SEVERAL, {"ids": list(exchange_ids)}):
            found.setdefault((exchange_id, giver), []).append(name)
    return found
