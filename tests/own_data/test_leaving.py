"""Leaving takes effect at once, can be undone for a week, and shows nothing but the way back until then."""

import threading
from datetime import timedelta

import pytest

from marketplace.accounts.models import User
from marketplace.database.versions import WHOLE_STATEMENT
from marketplace.extensions import db
from marketplace.own_data import actions
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.own_data.conftest import NAME, WORD
from tests.support.html import text_of
from tests.support.postgresql import connect

LISTED_ON = ("/", f"/search?q={WORD}", "/categories/tools", "/search.atom")
PUBLISH = "INSERT INTO listings (owner_id, category_id, title) VALUES (%s, %s, 'Late')"
IS_OFF_SHOW = "SELECT shown_from = 'infinity' FROM listings"


@pytest.fixture
def left(belongings, member, browser_of):
    """The member, who has asked to leave."""
    assert browser_of(member).submit("/account/delete", {"password": PASSWORD}).status_code == 303
    return member


@pytest.fixture
def back(left, client):
    """A browser in which the member has logged in during the week."""
    answer = client.submit("/login", {"username": NAME, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    return client


def test_all_sessions_end(member, browser_of, rows, media_folder):
    here, elsewhere = browser_of(member), browser_of(member)
    answer = here.submit("/account/delete", {"password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "your account is deleted on" in text_of(here.page("/"))
    for browser in (here, elsewhere):
        assert browser.get("/account").location == "/login?next=/account"


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Enter your password"), ("another one", "This is not your password")]
)
def test_without_the_password_nobody_leaves(typed, told, member, browser_of, rows):
    browser = browser_of(member)
    answer = browser.submit("/account/delete", {"password": typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert rows("SELECT leaving_at FROM users WHERE id = :id", id=member.id) == [(None,)]
    assert browser.get("/account").status_code == 200


def test_nothing_of_theirs_is_on_show(belongings, member, browser_of, client, rows):
    for path in LISTED_ON:
        assert f"/listings/{belongings.id}" in client.get(path).text, path
    before = rows("SELECT updated_at FROM listings ORDER BY id")
    browser_of(member).submit("/account/delete", {"password": PASSWORD})
    for path in LISTED_ON:
        assert f"/listings/{belongings.id}" not in client.get(path).text, path
    assert client.get(f"/listings/{belongings.id}").status_code == 410
    assert client.get(f"/members/{NAME}").status_code == 404
    assert rows("SELECT updated_at FROM listings ORDER BY id") == before


def test_kept_pages_do_not_wait_for_listings_that_never_come_back(left, rows):
    ((_, _, _, next_end),) = rows(WHOLE_STATEMENT)
    assert next_end == float("inf")


def test_a_letter_says_until_when_there_is_a_way_back(left, rows):
    ((text, ends),) = rows(
        "SELECT text, to_char(leaving_at + interval '7 days', 'FMDD FMMonth YYYY')"
        " FROM outbox JOIN users ON users.id = member_id WHERE name = 'leaving'"
    )
    assert f"on {ends} everything is deleted" in text
    assert "/login\n" in text


@pytest.mark.parametrize("path", ["/", "/search", "/account", "/account/data", "/my/listings", "/login"])
def test_every_page_is_the_way_back(path, back):
    answer = back.get(path)
    assert (answer.status_code, answer.location) == (303, "/account/leaving")
    assert "Nothing of yours is on show" in text_of(back.page("/account/leaving"))


def test_nothing_is_done_for_them(back, belongings, rows):
    assert back.submit(f"/listings/{belongings.id}/archive").location == "/account/leaving"
    assert rows("SELECT status FROM listings WHERE id = :id", id=belongings.id) == [("active",)]
    for path in ("/robots.txt", "/static/css/base.css"):
        assert back.get(path).status_code == 200
    assert back.submit("/logout").location == "/"
    assert back.get("/").status_code == 200


def test_who_stays_has_everything_as_before(back, belongings, rows, client):
    assert back.submit("/account/leaving").location == "/account"
    assert "everything is as before" in text_of(back.page("/account"))
    for path in LISTED_ON:
        assert f"/listings/{belongings.id}" in client.get(path).text, path
    assert rows("SELECT count(*) FROM users WHERE leaving_at IS NOT NULL") == [(0,)]
    assert rows("SELECT count(*) FROM listings WHERE shown_from IS NOT NULL") == [(0,)]


def test_who_is_not_leaving_has_no_way_to_come_back_from(member, browser_of):
    browser = browser_of(member)
    assert browser.get("/account/leaving").location == "/account"
    assert browser.submit("/account/leaving").location == "/account"


def test_a_suspension_that_comes_meanwhile_shows_nothing_and_outlasts_the_way_back(
    left, belongings, make, browser_of, client, rows
):
    ((case_id,),) = rows("SELECT id FROM report_cases WHERE listing_id = :id", id=belongings.id)
    moderator = browser_of(make.moderator())
    decide = {"reason": "A rest will do you good.", "days": "3"}
    for version, decision in enumerate(("suspend", "lift", "")):
        if decision:
            form = {**decide, "decision": decision, "version": str(version)}
            assert moderator.submit(f"/moderation/cases/{case_id}", form).status_code == 303
        assert client.get(f"/listings/{belongings.id}").status_code == 410
    rows(
        "UPDATE users SET suspended_until = now() + interval '3 days' WHERE id = :id RETURNING id", id=left.id
    )
    assert client.submit("/login", {"username": NAME, "password": PASSWORD}).status_code == 303
    assert client.get("/").location == "/account/leaving"
    assert client.submit("/account/leaving").status_code == 303
    assert client.get("/account").status_code == 403
    assert rows(
        "SELECT shown_from = suspended_until FROM listings JOIN users ON users.id = owner_id"
        " WHERE owner_id = :id",
        id=left.id,
    ) == [(True,)]


def test_what_is_published_after_it_is_not_shown_either(left, make, client, rows):
    made = make.listing(owner_id=left.id, title=f"One more {WORD}")
    assert rows("SELECT shown_from = 'infinity' FROM listings WHERE id = :id", id=made.id) == [(True,)]
    assert client.get(f"/listings/{made.id}").status_code == 410


def test_what_is_published_at_the_same_moment_is_not_shown_either(committing_app):
    """The listing is on its way while its owner leaves, who waits for it, and takes it along."""
    make = Factories(committing_app)
    member, category = make.member(), make.category()
    url = committing_app.config["SQLALCHEMY_DATABASE_URI"]
    leaving = threading.Thread(target=leave_in, args=(committing_app, member))
    with connect(url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute(PUBLISH, (member.id, category.id))
        leaving.start()
        wait_for_waiting(url, leaving)
        cursor.execute("COMMIT")
        leaving.join()
        cursor.execute(IS_OFF_SHOW)
        assert cursor.fetchall() == [(True,)]


def test_who_publishes_while_the_owner_leaves_waits_and_sees_it(committing_app):
    make = Factories(committing_app)
    member, category = make.member(), make.category()
    url = committing_app.config["SQLALCHEMY_DATABASE_URI"]
    publishing = threading.Thread(target=publish_in, args=(url, member.id, category.id))
    with committing_app.test_request_context(method="POST"):
        actions.leave(db.session.get(User, member.id), PASSWORD)
        publishing.start()
        wait_for_waiting(url, publishing)
        db.session.commit()
    publishing.join()
    with connect(url) as cursor:
        cursor.execute(IS_OFF_SHOW)
        assert cursor.fetchall() == [(True,)]


def wait_for_waiting(url, thread):
    """Go on when the thread waits for a lock."""
    with connect(url) as onlooker:
        waits = False
        while not waits:
            assert thread.is_alive(), "it did not wait"
            onlooker.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
            ((waits,),) = onlooker.fetchall()


def publish_in(url, member_id, category_id):
    with connect(url) as cursor:
        cursor.execute(PUBLISH, (member_id, category_id))


def leave_in(app, member):
    with app.test_request_context(method="POST"):
        found = db.session.get(User, member.id)
        assert actions.leave(found, PASSWORD) - found.leaving_at == timedelta(days=7)
        db.session.commit()
