"""Categories are loaded, again and again, without duplicates."""

import pytest

from marketplace.categories import actions, queries
from marketplace.extensions import db

pytestmark = pytest.mark.usefixtures("context")

PATHS = [("Tools",), ("Tools", "Hand"), ("Tools", "Hand", "Saws"), ("Books",)]


def paths_shown():
    return [node.path for node in queries.load_tree().nodes()]


def test_missing_categories_are_added_once(rows):
    assert actions.load_categories(PATHS) == actions.LoadResult(added=4, known=0)
    assert actions.load_categories(PATHS) == actions.LoadResult(added=0, known=4)
    db.session.commit()
    assert paths_shown() == ["tools", "tools/hand", "tools/hand/saws", "books"]


def test_known_categories_are_renamed_and_moved_and_keep_the_rest(rows):
    actions.load_categories(PATHS)
    db.session.commit()
    before = dict(rows("SELECT slug, id FROM categories"))
    rows("UPDATE categories SET is_active = false WHERE slug = 'saws' RETURNING id")
    actions.load_categories([("BOOKS",), ("tools!",), ("tools!", "Garden")])
    db.session.commit()
    assert paths_shown() == ["books", "tools", "tools/hand", "tools/garden"]
    after = {slug: (id_, name) for slug, id_, name in rows("SELECT slug, id, name FROM categories")}
    assert after["tools"] == (before["tools"], "tools!")
    assert after["saws"] == (before["saws"], "Saws")


def test_nothing_is_loaded_from_nothing():
    assert actions.load_categories([]) == actions.LoadResult(added=0, known=0)
    assert not queries.any_category_exists()
