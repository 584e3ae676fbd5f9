"""Reads of members who are leaving."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.own_data.rules import WAY_BACK_LASTS

_WAY_BACK_IS_OVER: ColumnElement[bool] = User.leaving_at <= func.now() - WAY_BACK_LASTS


def members_to_delete() -> Sequence[int]:
    """Return the ids of those who have no way back any more, who asked first first."""
    statement = select(User.id).where(_WAY_BACK_IS_OVER).order_by(User.leaving_at, User.id)
    return db.session.scalars(statement).all()


def lock_to_delete(member_id: int) -> tuple[str, str] | None:
    """Return username and address of the member, whom nobody else deletes or takes back until this ends.

    None when the member has come back, is gone, or is being deleted by somebody else.
    """
    statement = select(User.username, User.email).where(User.id == member_id, _WAY_BACK_IS_OVER)
    row = db.session.execute(statement.with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else (row.username, row.email)
