"""The users table, and what usernames look like."""

from datetime import UTC, datetime

from flask_login import UserMixin
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment, UpdatedAt

USERNAME_LENGTH = 30
EMAIL_LENGTH = 254
ROLES = ("member", "moderator", "administrator")
USERNAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{2,29}$"


class User(UserMixin, Base):
    """A member."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"username ~ '{USERNAME_PATTERN}'", name="username_format"),
        CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="email_format"),
        CheckConstraint("char_length(password_hash) BETWEEN 1 AND 255", name="password_hash_length"),
        CheckConstraint("session_epoch >= 0", name="session_epoch_not_negative"),
        CheckConstraint(f"role IN {ROLES}", name="role_known"),
        Index("uq_users_username_lower", func.lower(text("username")), unique=True),
        # Whoever claims an address that is somebody else's neither takes it nor learns that it is.
        Index(
            "uq_users_email_verified",
            func.lower(text("email")),
            unique=True,
            postgresql_where=text("email_verified_at IS NOT NULL"),
        ),
        Index("ix_users_email_lower", func.lower(text("email"))),
        Index("ix_users_leaving_at", "leaving_at", postgresql_where=text("leaving_at IS NOT NULL")),
        {"comment": "Members: who can log in."},
    )

    id: Mapped[IdentityKey]
    username: Mapped[str] = mapped_column(
        String(USERNAME_LENGTH), comment="Shown to everyone; unique whatever its case."
    )
    email: Mapped[str] = mapped_column(
        String(EMAIL_LENGTH),
        comment="Never shown to others; one member's alone, whatever its case, once it is verified.",
    )
    password_hash: Mapped[str] = mapped_column(Text, comment="argon2id, in its own text form.")
    is_active: Mapped[bool] = mapped_column(
        server_default=text("true"), comment="False: the member cannot log in."
    )
    email_verified_at: Mapped[Moment | None] = mapped_column(
        comment="When the member proved to own the address; empty until then."
    )
    role: Mapped[str] = mapped_column(
        Text,
        server_default=text("'member'"),
        comment="member; moderator: judges reports; administrator: that, and the log and the categories.",
    )
    session_epoch: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Raised to end all sessions of the member."
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    last_login_at: Mapped[Moment | None] = mapped_column(comment="When the member last logged in.")
    suspended_until: Mapped[Moment | None] = mapped_column(
        comment="Until then the member is kept out, and nothing of theirs is on show; empty: never was."
    )
    notice_at: Mapped[Moment | None] = mapped_column(
        comment="Since when a moderator's notice waits to be read; empty: none does."
    )
    leaving_at: Mapped[Moment | None] = mapped_column(
        comment="When the member asked to be deleted, which is done a week later; empty: did not ask."
    )

    # Known of whoever is signed in: whether there is anybody whom the member has blocked or is blocked by,
    # and how many notifications are unread, counted up to one more than the maximum.
    keeps_apart = False
    unread = 0

    @property
    def is_moderator(self) -> bool:
        """Whether the member judges reports: administrators do, too."""
        return self.role != "member"

    @property
    def is_administrator(self) -> bool:
        """Whether the member keeps the site's categories and rules, and reads its log."""
        return self.role == "administrator"

    @property
    def is_suspended(self) -> bool:
        """Whether a moderator has suspended the member, and that has not ended yet."""
        return self.suspended_until is not None and self.suspended_until > datetime.now(UTC)

    # Of the session that the member is behind, and no columns: the secret of its device, and whether the
    # member gave the password there a short while ago.
    session_name = ""
    is_confirmed = False

    @property
    def is_leaving(self) -> bool:
        """Whether the member has asked to be deleted, and has not come back."""
        return self.leaving_at is not None

    @property
    def is_verified(self) -> bool:
        """Whether the member has proved to own the address."""
        return self.email_verified_at is not None

    def get_id(self) -> str:
        """The name by which the session knows the member: the secret of the device."""
        return self.session_name


class UsernameSkeleton(Base):
    """What a username looks like, whatever is easily overlooked in it. A trigger keeps it.

    The trigger refuses names that stand for the site itself, too. Of members whose names looked alike before
    there was this rule, one has a row.
    """

    __tablename__ = "username_skeletons"
    __table_args__ = (
        Index("uq_username_skeletons_member_id", "member_id", unique=True),
        {"comment": "What usernames look like, so that no two look alike. Kept by a trigger."},
    )

    skeleton: Mapped[str] = mapped_column(
        Text, primary_key=True, comment="What a username looks like: username_skeleton()."
    )
    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="Whose username looks so."
    )
