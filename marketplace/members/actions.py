"""Writes to profiles."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from marketplace.extensions import db
from marketplace.members.models import Profile


def save_profile(member_id: int, about: str, area: str | None) -> None:
    """Let the member's page say this; two windows at once leave what was saved last."""
    values = {"about": about, "area": area}
    statement = insert(Profile).values(member_id=member_id, **values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["member_id"], set_=values | {"updated_at": func.now()}
        )
    )
