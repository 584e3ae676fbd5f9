"""Writes to profiles."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from marketplace.extensions import db
from marketplace.members.models import Profile


def save_profile(member_id: int, about: str, area: str | None, time_zone: str) -> None:
    """Let the member's page say this, and mornings be those of the time zone.

    Two windows at once leave what was saved last.
    """
    values = {"about": about, "area": area, "time_zone": time_zone}
    statement = insert(Profile).values(member_id=member_id, **values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["member_id"], set_=values | {"updated_at": func.now()}
        )
    )
