"""A refused change tells its constraint and leaves the session usable."""

import pytest
from sqlalchemy import text

from marketplace.database.violations import RuleBroken, flushed
from marketplace.extensions import db

pytestmark = pytest.mark.usefixtures("context")

ADD = "INSERT INTO categories (level, name, slug) VALUES (:level, 'Tools', 'tools')"


def test_the_constraint_is_named_and_what_came_before_is_kept():
    db.session.execute(text(ADD), {"level": 1})
    for level, constraint in [(1, "uq_categories_parent_id_slug"), (9, "ck_categories_level_range")]:
        with pytest.raises(RuleBroken) as broken, flushed():
            db.session.execute(text(ADD), {"level": level})
        assert broken.value.constraint in (constraint, "ck_categories_only_roots_lack_a_parent")
    assert db.session.execute(text("SELECT count(*) FROM categories")).scalar() == 1


def test_a_mistake_of_another_kind_is_not_a_broken_rule():
    with pytest.raises(ZeroDivisionError), flushed():
        _ = 1 / 0
    assert db.session.execute(text("SELECT 1")).scalar() == 1
