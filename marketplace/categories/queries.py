"""Reads of categories."""

from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from marketplace.categories.models import Category, FormerPath
from marketplace.categories.tree import Tree
from marketplace.database.versions import current_version
from marketplace.extensions import db
from marketplace.listings.models import Listing

_ACTIVE = (
    select(Category.id, Category.parent_id, Category.name, Category.slug)
    .where(Category.is_active)
    .order_by(Category.level, Category.position, Category.name, Category.id)
)


def load_tree() -> Tree:
    """Return all active categories: in one statement, or none when they are those that this process knows."""
    version = current_version().categories
    known: tuple[str, Tree] | None = current_app.extensions.get("category_tree")
    if known is None or known[0] != version:
        known = version, read_tree()
        current_app.extensions["category_tree"] = known
    return known[1]


def read_tree() -> Tree:
    """Return all active categories as they are now, also within a transaction that changes them."""
    return Tree(db.session.execute(_ACTIVE).all(), former_paths)


def former_paths() -> dict[str, int]:
    """Return for each path that a category had before the id of the category it leads to."""
    rows = db.session.execute(select(FormerPath.path, FormerPath.category_id).order_by(FormerPath.path))
    return {row.path: row.category_id for row in rows}


def retired() -> Sequence[Any]:
    """Return the name and the slug of each category that was retired."""
    statement = select(Category.name, Category.slug).where(~Category.is_active)
    return db.session.execute(statement.order_by(Category.name, Category.id)).all()


def count_listings() -> dict[int, int]:
    """Return how many listings, in whatever state, lie right in each category that has any."""
    statement = select(Listing.category_id, func.count().label("number")).group_by(Listing.category_id)
    rows = db.session.execute(statement.order_by(Listing.category_id))
    return {row.category_id: row.number for row in rows}


def any_category_exists() -> bool:
    """Tell whether there is a category, active or not."""
    return db.session.scalar(select(Category.id).limit(1)) is not None
