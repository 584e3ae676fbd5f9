"""What exchanges are at a moment, as conditions for statements: lists, counts and pages use the same.

Statements with them have the parameter `now`, which is clock.now().
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased

from marketplace.exchanges.models import MOMENT, Exchange, ExchangeHold, ExchangeItem, ExchangeLoan

NOW = bindparam("now", type_=MOMENT)

# What can still be answered, and what is past its time, whether or not that is stored.
IS_OPEN = and_(Exchange.awaits.is_not(None), Exchange.open_until > NOW)
HAS_LAPSED = and_(Exchange.awaits.is_not(None), Exchange.open_until <= NOW)
STATE_NOW: ColumnElement[str] = case((HAS_LAPSED, "lapsed"), else_=Exchange.state)

# A loan whose thing is not back though it should be.
IS_OVERDUE = and_(
    ExchangeLoan.lender_returned_at.is_(None),
    ExchangeLoan.due_at <= NOW,
    exists().where(Exchange.id == ExchangeLoan.exchange_id, Exchange.state == "lent"),
)

# For which time a thing of a proposal would be promised if it were accepted now.
WOULD_BE_HELD = func.tstzrange(func.coalesce(ExchangeItem.lent_from, NOW), ExchangeItem.lent_until)


def is_promised(item_id: Any) -> ColumnElement[bool]:
    """Return the condition that an accepted exchange holds the item, now or later, or has swapped it."""
    return exists().where(ExchangeHold.item_id == item_id, ExchangeHold.released_at.is_(None))


def is_kept_for(item_id: Any) -> ColumnElement[bool]:
    """Return the condition that somebody is still to get the item: its owner has to keep it."""
    return (
        select(ExchangeHold.id)
        .join(Exchange, Exchange.id == ExchangeHold.exchange_id)
        .where(
            ExchangeHold.item_id == item_id,
            ExchangeHold.released_at.is_(None),
            Exchange.desk == "under_way",
        )
        .exists()
    )


# Of a thing of a proposal: another exchange has it at the time for which it is asked.
_other = aliased(ExchangeHold)
ITEM_IS_ON_HOLD = exists().where(
    _other.item_id == ExchangeItem.item_id,
    _other.released_at.is_(None),
    _other.exchange_id != ExchangeItem.exchange_id,
    _other.during.op("&&")(WOULD_BE_HELD),
)
# Of a proposal: that is so for one of its things. It can be accepted again when the hold is released.
IS_ON_HOLD = and_(
    Exchange.state == "proposed",
    exists().where(
        ExchangeItem.exchange_id == Exchange.id,
        ExchangeItem.version == Exchange.version,
        ITEM_IS_ON_HOLD,
    ),
)
