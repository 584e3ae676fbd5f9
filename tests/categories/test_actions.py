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


def test_known_categories_stay_as_they_are(rows):
    actions.load_categories(PATHS)
    db.session.commit()
    rows("UPDATE categories SET is_active = false WHERE slug = 'saws' RETURNING id")
    before = rows("SELECT * FROM categories ORDER BY id")
    loaded = [("BOOKS",), ("tools!",), ("tools!", "Garden"), ("tools!", "Hand"), ("tools!", "Hand", "SAWS")]
    assert actions.load_categories(loaded) == actions.LoadResult(added=1, known=4)
    db.session.commit()
    assert set(paths_shown()) == {"books", "tools", "tools/hand", "tools/garden"}
    assert rows("SELECT * FROM categories WHERE slug <> 'garden' ORDER BY id") == before


def test_nothing_is_loaded_from_nothing():
    assert actions.load_categories([]) == actions.LoadResult(added=0, known=0)
    assert not queries.any_category_exists()
