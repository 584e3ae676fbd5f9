"""Reads of blocks, and the condition that keeps members apart in every other read."""

from collections.abc import Sequence
from typing import Any

from flask import abort
from flask_login import current_user
from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, exists, func, or_, select, union_all

from marketplace.accounts.models import User
from marketplace.blocks.models import Block
from marketplace.extensions import db
from marketplace.own_data.parts import MEMBER_ID

# Whether a member of `users` is kept apart from anybody. Moderators see all: a block hides nobody from them.
KEEPS_APART = and_(
    User.role == "member",
    or_(exists().where(Block.member_id == User.id), exists().where(Block.blocked_id == User.id)),
)


def reader_apart() -> int | None:
    """Return the id of the member who looks, if there is anybody to be kept apart from, or None."""
    return current_user.id if getattr(current_user, "keeps_apart", False) else None


# Where nobody is kept apart it is NULL in the statement, and the planner drops the condition.
READER = bindparam("apart", callable_=reader_apart, type_=BigInteger)
_OTHERS = union_all(
    select(Block.blocked_id).where(Block.member_id == READER),
    select(Block.member_id).where(Block.blocked_id == READER),
)
OTHERS_IN_SQL = """
    SELECT blocked_id FROM blocks WHERE member_id = :apart
    UNION ALL SELECT member_id FROM blocks WHERE blocked_id = :apart
"""
_BLOCKED_BY = (
    select(User.username, User.is_active, Block.created_at)
    .join(Block, Block.blocked_id == User.id)
    .where(Block.member_id == bindparam("member_id", type_=BigInteger))
    .order_by(Block.created_at.desc(), User.id.desc())
)
OWN_BLOCKS = (
    select(User.username, Block.created_at)
    .join(User, User.id == Block.blocked_id)
    .where(Block.member_id == MEMBER_ID)
    .order_by(Block.created_at, User.id)
)
_COUNT = select(func.count()).where(Block.member_id == bindparam("member_id", type_=BigInteger))
_IS_BLOCKED = select(
    exists().where(Block.member_id == bindparam("member_id"), Block.blocked_id == bindparam("blocked_id"))
)


def apart(owner_id: Any) -> ColumnElement[bool]:
    """Return the condition that the reader is not kept apart from the member with this id."""
    return or_(READER.is_(None), owner_id.not_in(_OTHERS))


def apart_in_sql(owner_id: str) -> str:
    """Return the same condition as text; the statement needs `bindparams(READER)`."""
    return f"(CAST(:apart AS bigint) IS NULL OR {owner_id} NOT IN ({OTHERS_IN_SQL}))"


def get_member(username: str) -> User:
    """Return the member with this name, whatever its case, also one who left; 404 when there is none."""
    member = db.session.scalar(select(User).where(func.lower(User.username) == username.lower()))
    return member or abort(404)


def is_blocked(member_id: int, blocked_id: int) -> bool:
    """Tell whether the member has blocked the other one."""
    values = {"member_id": member_id, "blocked_id": blocked_id}
    return bool(db.session.execute(_IS_BLOCKED, values).scalar_one())


def count_blocked(member_id: int) -> int:
    """Return how many members the member has blocked."""
    return int(db.session.execute(_COUNT, {"member_id": member_id}).scalar_one())


def blocked_by(member_id: int) -> Sequence[Any]:
    """Return whom the member has blocked (username, is_active, created_at), the last one first."""
    return db.session.execute(_BLOCKED_BY, {"member_id": member_id}).all()
