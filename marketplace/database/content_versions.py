"""The content_versions table: by its sums a page knows that nothing it shows has changed."""

from sqlalchemy import BigInteger, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base


class ContentVersion(Base):
    """How often each server process has changed what pages show. Triggers keep it, as part of the change.

    The sum over all rows differs after each committed change, and is the same as long as there is none.
    """

    __tablename__ = "content_versions"
    __table_args__ = (
        {
            "comment": "How often what pages show was changed; the sums are the versions. Kept by triggers.",
            "info": {"comes_and_goes": True},
        },
    )

    slot: Mapped[int] = mapped_column(
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="Of which server process this is the part: writers never wait for each other. 0: folded.",
    )
    listings: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("0"),
        comment="Changes to listings, items, pictures and the names of members.",
    )
    categories: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), comment="Changes to the tree of categories."
    )
