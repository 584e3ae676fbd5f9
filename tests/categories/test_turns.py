"""Changes of categories on connections of their own: they take turns with each other, and with who posts."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from marketplace.categories import actions
from marketplace.categories.tree import Node
from marketplace.extensions import db
from tests.conftest import new_client
from tests.factories import Factories

IS_WAITED_FOR = text("""
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database()
""")


@pytest.fixture
def make(committing_app):
    return Factories(committing_app)


def test_of_two_administrators_at_once_one_is_told_of_the_other(committing_app, make):
    category = make.category()
    state = Node(category.id, category.name, category.slug, None).state
    together = Barrier(2)
    browsers = [new_client(committing_app).sign_in(make.administrator()) for _ in range(2)]
    tokens = [browser.csrf_token() for browser in browsers]

    def rename(number):
        together.wait()
        form = {"name": f"Name {number}", "slug": f"name-{number}", "state": state}
        path = f"/moderation/categories/{category.id}/rename"
        return browsers[number].post(path, data={**form, "csrf_token": tokens[number]}).status_code

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(rename, range(2))) == [303, 409]


def test_what_is_being_posted_goes_with_the_listings_of_a_retired_category(committing_app, make):
    category, heir, owner = make.category(), make.category(), make.member()
    state = Node(category.id, category.name, category.slug, None).state

    def retire():
        with committing_app.app_context():
            count = actions.retire_category(owner.id, category.id, state, heir.id)
            db.session.commit()
            return count

    with committing_app.app_context(), ThreadPoolExecutor() as pool:
        posted = text(
            "INSERT INTO listings (owner_id, category_id, title) VALUES (:owner, :category, 'Drill')"
        )
        db.session.execute(posted, {"owner": owner.id, "category": category.id})
        retired = pool.submit(retire)
        while not db.session.scalar(IS_WAITED_FOR):
            assert not retired.done(), retired.result()
        db.session.commit()
        assert retired.result() == 1
        where = "SELECT category_id FROM listings UNION ALL SELECT category_id FROM search_entries"
        assert set(db.session.scalars(text(where))) == {heir.id}
