"""The second_factors and recovery_codes tables."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment

SEALED_LENGTH = 500


class SecondFactor(Base):
    """The secret that a member's app makes codes of; it counts from the first code that was right."""

    __tablename__ = "second_factors"
    __table_args__ = (
        CheckConstraint(f"char_length(sealed_secret) BETWEEN 1 AND {SEALED_LENGTH}", name="sealed_length"),
        CheckConstraint("last_step >= 0", name="last_step_not_negative"),
        CheckConstraint("wrong_codes >= 0", name="wrong_codes_not_negative"),
        {"comment": "Secrets of members' apps that make codes for logging in."},
    )

    member_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Whose it is.",
    )
    sealed_secret: Mapped[str] = mapped_column(
        Text, comment="Encrypted with a key made of SECRET_KEY: with another one it cannot be read."
    )
    created_at: Mapped[CreatedAt]
    confirmed_at: Mapped[Moment | None] = mapped_column(
        comment="When it was turned on by a first code; empty while it is being set up."
    )
    last_step: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        comment="The half minute of the last code that was taken, counted from 1970: a code holds once.",
    )
    wrong_codes: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="How many wrong codes came since wrong_since."
    )
    wrong_since: Mapped[Moment] = mapped_column(
        server_default=func.now(), comment="When the wrong codes began to be counted."
    )


class RecoveryCode(Base):
    """A code that stands in for the app, once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        CheckConstraint("octet_length(code_hash) = 32", name="code_hash_length"),
        Index("uq_recovery_codes_member_id_code_hash", "member_id", "code_hash", unique=True),
        {"comment": "Codes that stand in for a member's app, each once."},
    )

    id: Mapped[IdentityKey]
    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("second_factors.member_id", ondelete="CASCADE"), comment="Whose it is."
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, comment="SHA-256 of the code, which is random.")
    created_at: Mapped[CreatedAt]
    used_at: Mapped[Moment | None] = mapped_column(comment="When it was used; empty until then.")
