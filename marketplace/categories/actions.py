"""Writes to categories."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.categories.models import LEVELS, Category
from marketplace.categories.rules import slugify
from marketplace.extensions import db


@dataclass(frozen=True)
class LoadResult:
    """How many categories a load added and how many were there before."""

    added: int
    known: int


def load_categories(paths: list[tuple[str, ...]]) -> LoadResult:
    """Make the categories at `paths` (names from the root down, parents first) where they are missing.

    Those that exist get the name and position given here and keep everything else. Categories that
    are not named stay as they are.
    """
    before = _count()
    ids: dict[tuple[str, ...], int] = {}
    for level in range(1, LEVELS + 1):
        # A level is one statement; its parents' ids come from the level before.
        parts = {
            (ids.get(path[:-1]), slugify(path[-1])): (position, path)
            for position, path in enumerate(paths)
            if len(path) == level
        }
        if not parts:
            break
        statement = insert(Category).values(
            [
                {"parent_id": parent_id, "level": level, "name": path[-1], "slug": slug, "position": position}
                for (parent_id, slug), (position, path) in parts.items()
            ]
        )
        statement = statement.on_conflict_do_update(
            constraint="uq_categories_parent_id_slug",
            set_={"name": statement.excluded.name, "position": statement.excluded.position},
        )
        for row in db.session.execute(statement.returning(Category.id, Category.parent_id, Category.slug)):
            ids[parts[row.parent_id, row.slug][1]] = row.id
    added = _count() - before
    return LoadResult(added=added, known=len(paths) - added)


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Category)) or 0
