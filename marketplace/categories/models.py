"""The categories table, a tree of at most three levels, and the addresses that categories had."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey

NAME_LENGTH = 80
LEVELS = 3
PATH_LENGTH = LEVELS * (NAME_LENGTH + 1) - 1


class Category(Base):
    """A place in the tree under which listings are found.

    `level` and the generated `parent_level` make the tree's rules plain constraints: a parent lies
    exactly one level up, so there can be neither a cycle nor a fourth level.
    """

    __tablename__ = "categories"
    __table_args__ = (
        ForeignKeyConstraint(
            ["parent_id", "parent_level"], ["categories.id", "categories.level"], ondelete="RESTRICT"
        ),
        UniqueConstraint("id", "level"),
        UniqueConstraint("parent_id", "slug", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"level BETWEEN 1 AND {LEVELS}", name="level_range"),
        CheckConstraint("(parent_id IS NULL) = (level = 1)", name="only_roots_lack_a_parent"),
        CheckConstraint("char_length(btrim(name)) >= 1", name="name_not_blank"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_format"),
        {"comment": "The tree of categories, at most three levels deep."},
    )

    id: Mapped[IdentityKey]
    parent_id: Mapped[int | None] = mapped_column(BigInteger, comment="Empty for a root.")
    level: Mapped[int] = mapped_column(SmallInteger, comment="1 for a root, 3 at most.")
    parent_level: Mapped[int | None] = mapped_column(
        SmallInteger,
        Computed("nullif(level - 1, 0)", persisted=True),
        comment="The level that the parent must have.",
    )
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), comment="As people read it.")
    slug: Mapped[str] = mapped_column(
        String(NAME_LENGTH), comment="The name in addresses; unique among siblings."
    )
    position: Mapped[int] = mapped_column(
        Integer, server_default=text("0"), comment="Siblings are shown in this order, then by name."
    )
    is_active: Mapped[bool] = mapped_column(
        server_default=text("true"), comment="False: no longer offered nor shown."
    )
    created_at: Mapped[CreatedAt]


class FormerPath(Base):
    """An address that a category had: whoever comes by it is led on."""

    __tablename__ = "former_category_paths"
    __table_args__ = (
        CheckConstraint("path ~ '^[a-z0-9]+([-/][a-z0-9]+)*$'", name="path_format"),
        {"comment": "Addresses that categories had before, each with the category it leads to."},
    )

    path: Mapped[str] = mapped_column(
        String(PATH_LENGTH), primary_key=True, comment="Slugs from the root down, joined by slashes."
    )
    category_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("categories.id", ondelete="CASCADE"),
        index=True,
        comment="The category that had it or, when that was retired, the one its listings went to.",
    )
    created_at: Mapped[CreatedAt]
