"""Writes to categories: by administrators, one change at a time, and from a file."""

from dataclasses import dataclass

from sqlalchemy import case, delete, func, null, select, text, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.audit.actions import record
from marketplace.categories.models import LEVELS, Category, FormerPath
from marketplace.categories.queries import former_paths, read_tree
from marketplace.categories.rules import slugify
from marketplace.categories.tree import Node, Tree
from marketplace.database.violations import flushed
from marketplace.extensions import db
from marketplace.listings.models import Listing, RemovedListing


class GoneError(Exception):
    """There is no such category, or not any more."""


class StaleError(Exception):
    """The category was changed since the form was opened."""


class NoPlaceError(Exception):
    """The other category that is named is none where this can go."""


class NotEmptyError(Exception):
    """There are categories below the one that is to be retired."""


@dataclass(frozen=True)
class LoadResult:
    """How many categories a load added and how many were there before."""

    added: int
    known: int


def add_category(actor_id: int, name: str, slug: str, parent_id: int | None) -> int:
    """Add a category as the last one below its parent, or bring back the retired one of this slug there.

    Returns its id. Raises NoPlaceError, and RuleBroken when the tree's rules refuse it.
    """
    before = _lock_tree()
    parent = _place(before, parent_id)
    last = select(func.coalesce(func.max(Category.position), 0) + 1).where(
        Category.parent_id.is_not_distinct_from(parent_id)
    )
    values = {"name": name, "position": last.scalar_subquery(), "is_active": True}
    brought_back = (
        update(Category)
        .where(Category.parent_id.is_not_distinct_from(parent_id), Category.slug == slug, ~Category.is_active)
        .values(values)
        .returning(Category.id)
        .execution_options(synchronize_session=False)
    )
    with flushed():
        category_id = db.session.scalar(brought_back)
        if category_id is None:
            level = len(parent.trail()) + 1 if parent else 1
            added = insert(Category).values(values | {"parent_id": parent_id, "level": level, "slug": slug})
            category_id = db.session.execute(added.returning(Category.id)).scalar_one()
    _keep_addresses(before)
    record(actor_id, "add", "category", category_id)
    return category_id


def rename_category(actor_id: int, category_id: int, state: str, name: str, slug: str) -> None:
    """Give a category another name and another slug; the addresses it had lead to it.

    `state` is what the form says the category was. Raises GoneError and StaleError, and RuleBroken when
    another one beside it has the slug.
    """
    before = _lock_tree()
    node = _unchanged(before, category_id, state)
    with flushed():
        _update([category_id], name=name, slug=slug)
    _keep_addresses(before)
    record(actor_id, "rename", "category", category_id, before={"name": node.name, "path": node.path})


def move_category(actor_id: int, category_id: int, state: str, parent_id: int | None, place: int) -> None:
    """Put a category, with all below it, below another one, or none, as the one numbered `place` from 1.

    Raises GoneError, StaleError and NoPlaceError, and RuleBroken when the tree's rules refuse it.
    """
    before = _lock_tree()
    node = _unchanged(before, category_id, state)
    parent = _place(before, parent_id)
    siblings = parent.children if parent else before.roots
    former_place = (node.parent.children if node.parent else before.roots).index(node) + 1
    ids = [each.id for each in siblings if each.id != category_id]
    ids.insert(place - 1, category_id)
    deeper = (len(parent.trail()) if parent else 0) + 1 - len(node.trail())
    with flushed():
        # In one statement: the rules are looked at when all of them have moved.
        _update(
            _ids_below(category_id),
            level=Category.level + deeper,
            parent_id=case((Category.id == category_id, parent_id or null()), else_=Category.parent_id),
        )
        _update(ids, position=case({each: number for number, each in enumerate(ids)}, value=Category.id))
    _keep_addresses(before)
    record(actor_id, "move", "category", category_id, before={"path": node.path, "place": former_place})


def retire_category(actor_id: int, category_id: int, state: str, heir_id: int | None) -> int:
    """Take a category off the site; its listings and its addresses go to another one.

    Returns how many listings went. Raises GoneError, StaleError, NotEmptyError and NoPlaceError.
    """
    before = _lock_tree()
    # Nobody posts meanwhile. Listings come before the category: whoever changes one holds it, and then its
    # category.
    db.session.execute(text("LOCK TABLE listings IN SHARE ROW EXCLUSIVE MODE"))
    node = _unchanged(before, category_id, state)
    if node.children:
        raise NotEmptyError
    if heir_id is None or heir_id == category_id or before.find(heir_id) is None:
        raise NoPlaceError
    moved = db.session.execute(
        update(Listing)
        .where(Listing.category_id == category_id)
        .values(category_id=heir_id, updated_at=Listing.updated_at)
        .returning(Listing.id)
        .execution_options(synchronize_session=False)
    ).all()
    for table in (RemovedListing, FormerPath):
        db.session.execute(
            update(table)
            .where(table.category_id == category_id)
            .values(category_id=heir_id)
            .execution_options(synchronize_session=False)
        )
    _update([category_id], is_active=False)
    _keep_addresses(before, {category_id: heir_id})
    record(
        actor_id,
        "retire",
        "category",
        category_id,
        before={"name": node.name, "path": node.path, "listings": len(moved)},
    )
    return len(moved)


def load_categories(paths: list[tuple[str, ...]]) -> LoadResult:
    """Make the categories at `paths` (names from the root down, parents first) where they are missing.

    Those that are known stay as they are: administrators may have changed them. A path that a category had
    before is known, and nothing is added below it.
    """
    _lock()
    former = former_paths()
    left_out: set[tuple[str, ...]] = set()
    for path in paths:
        if path[:-1] in left_out or "/".join(slugify(name) for name in path) in former:
            left_out.add(path)
    ids: dict[tuple[str, ...], int] = {}
    added = 0
    for level in range(1, LEVELS + 1):
        # A level is two statements; its parents' ids come from the level before.
        parts = {
            (ids.get(path[:-1]), slugify(path[-1])): (position, path)
            for position, path in enumerate(paths)
            if len(path) == level and path not in left_out
        }
        if not parts:
            break
        statement = insert(Category).values(
            [
                {"parent_id": parent_id, "level": level, "name": path[-1], "slug": slug, "position": position}
                for (parent_id, slug), (position, path) in parts.items()
            ]
        )
        statement = statement.on_conflict_do_nothing(constraint="uq_categories_parent_id_slug")
        added += len(db.session.execute(statement.returning(Category.id)).all())
        there = select(Category.id, Category.parent_id, Category.slug).where(Category.level == level)
        for row in db.session.execute(there.order_by(Category.id)):
            if (row.parent_id, row.slug) in parts:
                ids[parts[row.parent_id, row.slug][1]] = row.id
    return LoadResult(added=added, known=len(paths) - added)


def _lock() -> None:
    # Whoever changes categories is alone with that; those who read them, or post, go on.
    db.session.execute(text("LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE"))


def _lock_tree() -> Tree:
    _lock()
    return read_tree()


def _unchanged(tree: Tree, category_id: int, state: str) -> Node:
    node = tree.find(category_id)
    if node is None:
        raise GoneError
    if node.state != state:
        raise StaleError
    return node


def _place(tree: Tree, parent_id: int | None) -> Node | None:
    parent = tree.find(parent_id) if parent_id is not None else None
    if parent is None and parent_id is not None:
        raise NoPlaceError
    return parent


def _ids_below(category_id: int) -> list[int]:
    """The category and all below it, retired ones too."""
    above = select(Category.id).where(Category.id == category_id).cte("below", recursive=True)
    below = above.union_all(select(Category.id).join(above, Category.parent_id == above.c.id))
    return list(db.session.scalars(select(below.c.id).order_by(below.c.id)))


def _update(ids: list[int], **values: object) -> None:
    db.session.execute(
        update(Category)
        .where(Category.id.in_(ids))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _keep_addresses(before: Tree, heirs: dict[int, int] | None = None) -> None:
    """Have addresses that are not those of their categories any more lead to these, or to their heirs.

    An address that a category has now is no former one.
    """
    now = {node.id: node.path for node in read_tree().nodes()}
    former = [
        {"path": node.path, "category_id": (heirs or {}).get(node.id, node.id)}
        for node in before.nodes()
        if now.get(node.id) != node.path
    ]
    db.session.execute(
        delete(FormerPath)
        .where(FormerPath.path.in_(now.values()))
        .execution_options(synchronize_session=False)
    )
    if former:
        statement = insert(FormerPath).values(former)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["path"], set_={"category_id": statement.excluded.category_id}
            )
        )
