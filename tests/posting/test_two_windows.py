"""Two windows at once, on connections of their own: they take turns, and nothing is published twice."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import text

from marketplace.extensions import db
from marketplace.listings import actions as listing_actions
from marketplace.posting import actions
from tests.conftest import new_client
from tests.factories import Factories
from tests.support.posting import controls, form_of, publish_checked, send_to_check

ATTEMPTS = 6


@pytest.fixture
def make(committing_app):
    return Factories(committing_app)


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def open_window(committing_app, member):
    """Opens a window in which the member is signed in; all share one session's token."""
    first = new_client(committing_app).sign_in(member)
    first.csrf_token()

    def open_one():
        window = new_client(committing_app).sign_in(member)
        with first.session_transaction() as shared, window.session_transaction() as session:
            session["csrf_token"] = shared["csrf_token"]
        return window

    return open_one


@pytest.fixture
def form(make):
    return {"title": "My tools", "category_id": make.category().id, "offers-0-name": "Drill"}


@pytest.fixture
def stored(committing_app):
    """Runs SQL on a connection of its own, and returns the rows."""

    def run(statement, **values):
        with committing_app.app_context():
            return list(db.session.execute(text(statement), values))

    return run


def at_once(*acts):
    """Call each (function, *arguments) at the same time, in threads of their own; return what they return."""
    ready, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        ready.wait()
        results[number] = act[0](*act[1:])

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_presses_at_once_publish_one_listing(open_window, form, stored):
    for attempt in range(ATTEMPTS):
        first, second = open_window(), open_window()
        _, check = send_to_check(first, form)
        answers = at_once((publish_checked, first, check), (publish_checked, second, check))
        assert sorted(answer.status_code for answer in answers) == [303, 404]
        assert stored("SELECT count(*) FROM listings") == [(attempt + 1,)]
    assert stored("SELECT count(*) FROM listing_drafts") == [(0,)]


def test_the_second_waits_for_the_first_and_then_finds_nothing(
    open_window, form, stored, monkeypatch, committing_app
):
    first, second = open_window(), open_window()
    _, check = send_to_check(first, form)
    publish, begun, answers = actions.publish_draft, threading.Event(), []

    def publish_slowly(*arguments):
        if not begun.is_set():
            begun.set()
            # The other press is on its way to the same draft: it waits until this one has committed.
            other = threading.Thread(target=lambda: answers.append(publish_checked(second, check)))
            other.start()
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while other.is_alive() and stored(waiting) == [(0,)]:
                pass
            answers.append(other)
        return publish(*arguments)

    monkeypatch.setattr(actions, "publish_draft", publish_slowly)
    assert publish_checked(first, check).status_code == 303
    answers.pop(0).join()
    assert [answer.status_code for answer in answers] == [404]
    assert stored("SELECT count(*) FROM listings") == [(1,)]


def test_a_form_that_is_sent_twice_at_once_is_one_draft(open_window, form, stored):
    for attempt in range(ATTEMPTS):
        address = f"/drafts/{uuid4()}"
        values = form | {"go": "check"}
        answers = at_once(*((open_window().submit, address, values) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [303, 303]
        assert stored("SELECT count(*) FROM listing_drafts") == [(attempt + 1,)]


def test_two_windows_that_begin_to_change_a_listing_share_one_draft(open_window, make, member, stored):
    for _ in range(ATTEMPTS):
        listing = make.listing(owner_id=member.id)
        windows = [open_window(), open_window()]
        pages = [window.page(f"/listings/{listing.id}/edit") for window in windows]
        addresses = [form_of(page).get("action") for page in pages]
        assert addresses[0] != addresses[1]
        sent = zip(windows, addresses, pages, strict=True)
        answers = at_once(*((w.submit, a, controls(p) | {"go": "save"}) for w, a, p in sent))
        assert answers[0].location == answers[1].location
        found = "SELECT count(*) FROM listing_drafts WHERE listing_id = :id"
        assert stored(found, id=listing.id) == [(1,)]


@pytest.mark.parametrize("other", ["publish", "delete the listing"])
def test_publishing_changes_while_something_else_happens_to_the_listing(
    other, open_window, make, member, stored
):
    for _ in range(ATTEMPTS):
        listing = make.listing(owner_id=member.id)
        first, second = open_window(), open_window()
        page = first.page(f"/listings/{listing.id}/edit")
        values = controls(page) | {"title": "Changed", "offers-1-name": "New"}
        _, check = send_to_check(first, values, form_of(page).get("action"))
        acts = {
            "publish": (publish_checked, second, check),
            "delete the listing": (second.submit, f"/listings/{listing.id}/delete"),
        }
        answers = at_once((publish_checked, first, check), acts[other])
        statuses = sorted(answer.status_code for answer in answers)
        # Either both come one after the other, or the later one finds nothing left.
        assert statuses in ([303, 303], [303, 404])
        left = stored("SELECT title FROM listings WHERE id = :id", id=listing.id)
        assert left == ([("Changed",)] if other == "publish" else [])
    assert stored("SELECT count(*) FROM listing_drafts") == [(0,)]


def test_a_script_that_comes_late_leaves_what_a_button_kept(open_window, form, stored):
    for _ in range(ATTEMPTS):
        address = f"/drafts/{uuid4()}"
        window, script = open_window(), open_window()
        window.submit(address, form | {"title": "First", "go": "save"})
        button = form | {"title": "Button", "go": "save", "saves": "1"}
        typed = form | {"title": "Script", "by_itself": "yes", "saves": "1"}
        at_once((window.submit, address, button), (script.submit, address, typed))
        found = "SELECT form->>'title' FROM listing_drafts WHERE id = :id"
        assert stored(found, id=address.removeprefix("/drafts/")) == [("Button",)]


@pytest.mark.parametrize("change", ["archive", "restore", "renew"])
def test_a_listing_deleted_while_it_is_changed_is_a_page_that_is_gone(
    change, open_window, make, member, monkeypatch
):
    window, other = open_window(), open_window()
    listing = make.listing(owner_id=member.id)
    with make.app.app_context():
        db.session.execute(text("UPDATE listings SET lifetime_days = 30, expires_at = now()"))
        db.session.commit()
    name = f"{change}_listings"
    action, deleted = getattr(listing_actions, name), []

    def delete_first(*arguments):
        # Another request of the owner's, from start to end, after this one has found the listing.
        thread = threading.Thread(
            target=lambda: deleted.append(other.submit(f"/listings/{listing.id}/delete").status_code)
        )
        thread.start()
        thread.join()
        return action(*arguments)

    monkeypatch.setattr(listing_actions, name, delete_first)
    response = window.submit(f"/listings/{listing.id}/{change}")
    assert deleted == [303]
    assert response.status_code == 404
