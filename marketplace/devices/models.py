"""The devices table."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment

BROWSER_LENGTH = 60


class Device(Base):
    """A browser in which a member signed in once; each log-in makes another one."""

    __tablename__ = "devices"
    __table_args__ = (
        CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash_length"),
        Index("uq_devices_secret_hash", "secret_hash", unique=True),
        Index("ix_devices_member_id", "member_id"),
        {"comment": "Browsers in which members signed in, one row for each log-in."},
    )

    id: Mapped[IdentityKey]
    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="Who signed in."
    )
    secret_hash: Mapped[bytes] = mapped_column(
        LargeBinary, comment="SHA-256 of the random secret that the session's cookie carries."
    )
    session_epoch: Mapped[int] = mapped_column(
        comment="The member's session_epoch at the log-in: with another one the device is signed out."
    )
    browser: Mapped[str] = mapped_column(
        String(BROWSER_LENGTH), comment="Browser and system in plain words, as the browser names itself."
    )
    remembered: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Whether the member asked to be kept signed in."
    )
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[Moment] = mapped_column(
        server_default=func.now(), comment="When the device last sent a form, to about ten minutes."
    )
    confirmed_at: Mapped[Moment] = mapped_column(
        server_default=func.now(), comment="When the member last gave the password there."
    )
    ended_at: Mapped[Moment | None] = mapped_column(
        comment="When the device was signed out; empty until then."
    )
    # Whose it is, for the rules of access.
    owner_id: Mapped[int] = synonym("member_id")
