"""Reads of categories."""

from flask import current_app
from sqlalchemy import select

from marketplace.categories.models import Category
from marketplace.categories.tree import Tree
from marketplace.database.versions import current_version
from marketplace.extensions import db

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
        known = version, Tree(db.session.execute(_ACTIVE).all())
        current_app.extensions["category_tree"] = known
    return known[1]


def any_category_exists() -> bool:
    """Tell whether there is a category, active or not."""
    return db.session.scalar(select(Category.id).limit(1)) is not None
