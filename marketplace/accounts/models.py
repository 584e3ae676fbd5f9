"""The users table."""

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, Index, String, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment, UpdatedAt

USERNAME_LENGTH = 30
EMAIL_LENGTH = 254
USERNAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{2,29}$"


class User(UserMixin, Base):
    """A member."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(f"username ~ '{USERNAME_PATTERN}'", name="username_format"),
        CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="email_format"),
        CheckConstraint("char_length(password_hash) BETWEEN 1 AND 255", name="password_hash_length"),
        CheckConstraint("session_epoch >= 0", name="session_epoch_not_negative"),
        Index("uq_users_username_lower", func.lower(text("username")), unique=True),
        # Whoever claims an address that is somebody else's neither takes it nor learns that it is.
        Index(
            "uq_users_email_verified",
            func.lower(text("email")),
            unique=True,
            postgresql_where=text("email_verified_at IS NOT NULL"),
        ),
        Index("ix_users_email_lower", func.lower(text("email"))),
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
    session_epoch: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Raised to end all sessions of the member."
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
    last_login_at: Mapped[Moment | None] = mapped_column(comment="When the member last logged in.")

    # Of the session that the member is behind, and no columns: the secret of its device, and whether the
    # member gave the password there a short while ago.
    session_name = ""
    is_confirmed = False

    @property
    def is_verified(self) -> bool:
        """Whether the member has proved to own the address."""
        return self.email_verified_at is not None

    def get_id(self) -> str:
        """The name by which the session knows the member: the secret of the device."""
        return self.session_name
