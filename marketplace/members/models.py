"""The profiles table."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, UpdatedAt
from marketplace.listings.models import AREA_LENGTH

ABOUT_LENGTH = 500
TIME_ZONE_LENGTH = 60


class Profile(Base):
    """What a member says about themselves. A member who never did has none."""

    __tablename__ = "profiles"
    __table_args__ = (
        CheckConstraint(f"char_length(about) <= {ABOUT_LENGTH}", name="about_length"),
        CheckConstraint("char_length(btrim(area)) >= 1", name="area_not_blank"),
        {"comment": "What members say about themselves on their pages."},
    )

    member_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Whose profile it is.",
    )
    about: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="A few words, shown to everyone; may be empty."
    )
    area: Mapped[str | None] = mapped_column(
        String(AREA_LENGTH), comment="Where the member is at home, as they put it; no address."
    )
    time_zone: Mapped[str] = mapped_column(
        String(TIME_ZONE_LENGTH),
        server_default=text("'UTC'"),
        comment="The member's time zone by its name in the tz database; shown to nobody else.",
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
