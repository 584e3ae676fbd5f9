"""Writes to blocks."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from marketplace.blocks import queries
from marketplace.blocks.models import Block
from marketplace.blocks.rules import BLOCKED_MAXIMUM
from marketplace.exchanges import endings as exchanges
from marketplace.extensions import db


class TooManyError(Exception):
    """The member has blocked as many as can be blocked."""


def block(member_id: int, blocked_id: int) -> None:
    """Keep the two from each other's things; whoever is blocked already stays so. Raises TooManyError.

    What they have proposed to each other and is not agreed on ends.
    """
    if queries.count_blocked(member_id) >= BLOCKED_MAXIMUM and not queries.is_blocked(member_id, blocked_id):
        raise TooManyError
    statement = insert(Block).values(member_id=member_id, blocked_id=blocked_id)
    db.session.execute(statement.on_conflict_do_nothing())
    exchanges.end_between(member_id, blocked_id)


def unblock(member_id: int, blocked_id: int) -> None:
    """Take back what the member has done; what the other one has done stays."""
    db.session.execute(delete(Block).where(Block.member_id == member_id, Block.blocked_id == blocked_id))
