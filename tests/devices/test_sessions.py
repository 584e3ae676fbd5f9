"""How long a session lasts, and what ends it; the clock is moved in the rows and in the cookie."""

import time

import pytest
from flask.testing import FlaskClient

from marketplace.devices.rules import KEPT_MAXIMUM
from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import text_of

COOKIE = "kula_session"
DAY = 86_400
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


@pytest.fixture
def member(make):
    return make.member(username="wairisi")


@pytest.fixture
def log_in(app, member):
    def in_new_browser(**more):
        client = new_client(app)
        form = {"username": "wairisi", "password": PASSWORD, **more}
        assert client.submit("/login", form, headers={"User-Agent": FIREFOX}).status_code == 303
        return client

    return in_new_browser


@pytest.fixture
def unused_for(rows):
    """Moves a browser's last use, and that of all devices, so many seconds into the past."""

    def move(browser, seconds):
        rows("UPDATE devices SET seen_at = seen_at - make_interval(secs => :s) RETURNING 1", s=seconds)
        with browser.session_transaction() as session:
            session["used_at"] -= seconds

    return move


def is_signed_in(browser):
    return browser.get("/my/listings").status_code == 200


def test_a_log_in_makes_a_device_and_keeps_no_secret(log_in, rows, member):
    browser = log_in(remember="y")
    with browser.session_transaction() as session:
        secret = session["_user_id"]
    [row] = rows("SELECT member_id, browser, remembered, ended_at, devices::text FROM devices")
    assert tuple(row)[:4] == (member.id, "Firefox on Linux", True, None)
    assert secret not in row[4]


def test_a_session_planted_before_the_log_in_is_of_no_use(app, client, member, log_in):
    client.get("/login")
    client.csrf_token()
    planted = client.get_cookie(COOKIE).value
    victim = new_client(app)
    victim.set_cookie(COOKIE, planted)
    assert victim.submit("/login", {"username": "wairisi", "password": PASSWORD}).status_code == 303
    assert is_signed_in(victim)
    assert victim.get_cookie(COOKIE).value != planted
    assert not is_signed_in(client)


def test_each_log_in_is_a_device_of_its_own_even_where_somebody_is_signed_in(log_in, rows):
    browser = log_in()
    assert (
        browser.submit("/login", {"username": "wairisi", "password": PASSWORD}, headers={}).status_code == 303
    )
    assert len(rows("SELECT DISTINCT secret_hash FROM devices")) == 2


@pytest.mark.parametrize("remember", [{}, {"remember": "y"}])
def test_a_copied_cookie_is_of_no_use_after_logging_out(remember, app, log_in, rows):
    browser, thief = log_in(**remember), new_client(app)
    thief.set_cookie(COOKIE, browser.get_cookie(COOKIE).value)
    assert is_signed_in(thief)
    assert browser.submit("/logout").status_code == 303
    assert not is_signed_in(browser)
    assert not is_signed_in(thief)
    assert rows("SELECT ended_at IS NOT NULL FROM devices") == [(True,)]


def test_a_page_that_is_kept_for_all_knows_at_once_that_a_device_has_ended(log_in, rows, make):
    listing = make.listing()
    browser = log_in()
    for path in ("/", f"/listings/{listing.id}"):
        assert text_of(browser.page(path).find(".//*[@class='site-header__user']")) == "wairisi"
    rows("UPDATE devices SET ended_at = now() RETURNING 1")
    for path in ("/", f"/listings/{listing.id}"):
        assert browser.page(path).find(".//*[@class='site-header__user']") is None


@pytest.mark.parametrize(
    ("remember", "idle", "absolute"),
    [({}, DAY // 2, 7 * DAY), ({"remember": "y"}, 30 * DAY, 180 * DAY)],
    ids=["brief", "remembered"],
)
def test_a_device_stays_signed_in_within_both_limits_and_not_beyond(
    remember, idle, absolute, log_in, unused_for, rows
):
    browser = log_in(**remember)
    unused_for(browser, idle - 60)
    assert is_signed_in(browser)
    unused_for(browser, idle + 60)
    assert not is_signed_in(browser)

    used = log_in(**remember)
    move = "UPDATE devices SET created_at = created_at - make_interval(secs => :s) RETURNING 1"
    rows(move, s=absolute - 60)
    assert is_signed_in(used)
    rows(move, s=120)
    assert not is_signed_in(used)


def test_reading_counts_as_use_and_writes_nothing(log_in, unused_for):
    browser = log_in()
    for _ in range(3):
        # The client fails this test if a GET writes.
        unused_for(browser, DAY // 2 - 60)
        assert is_signed_in(browser)
        with browser.session_transaction() as session:
            assert session["used_at"] > time.time() - 60


def test_reading_again_soon_sets_no_cookie(log_in):
    browser = log_in(remember="y")
    # The first page with a form brings its token.
    browser.get("/my/listings")
    assert "Set-Cookie" not in browser.get("/my/listings").headers


def test_a_form_notes_the_use_in_the_database_now_and_then(log_in, rows, make):
    browser = log_in()
    listing = make.listing()
    rows("UPDATE devices SET seen_at = now() - interval '9 minutes' RETURNING 1")
    browser.submit(f"/listings/{listing.id}/watch")
    assert rows("SELECT seen_at < now() - interval '8 minutes' FROM devices") == [(True,)]
    rows("UPDATE devices SET seen_at = now() - interval '11 minutes' RETURNING 1")
    browser.submit(f"/listings/{listing.id}/watch")
    assert rows("SELECT seen_at = now() FROM devices") == [(True,)]


def test_an_old_copy_of_a_cookie_lives_only_as_long_as_its_device_is_used(app, log_in, unused_for):
    browser, copy = log_in(), new_client(app)
    copy.set_cookie(COOKIE, browser.get_cookie(COOKIE).value)
    with copy.session_transaction() as session:
        session["used_at"] -= DAY
    unused_for(browser, DAY)
    assert not is_signed_in(copy)


def test_the_cookie_lasts_longer_than_the_browser_only_where_that_is_asked_for(app, member):
    for more, lasts in (({}, False), ({"remember": "y"}, True)):
        client = FlaskClient(app, app.response_class)
        token = new_client(app)
        client.set_cookie(COOKIE, (token.csrf_token(), token.get_cookie(COOKIE).value)[1])
        form = {"username": "wairisi", "password": PASSWORD, "csrf_token": token.csrf_token(), **more}
        answer = client.post("/login", data=form)
        [cookie] = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith(COOKIE)]
        assert ("Expires=" in cookie) is lasts


@pytest.mark.parametrize("kept", ["5.0", "", "x" * 43, 7, None])
def test_a_session_that_names_no_device_is_a_visitors(kept, client, member):
    with client.session_transaction() as session:
        session["_user_id"] = kept if isinstance(kept, str) else f"{member.id}.{member.session_epoch}"
    assert not is_signed_in(client)


def test_log_ins_that_are_too_old_or_too_many_go(log_in, rows, make, member):
    for number in range(KEPT_MAXIMUM + 5):
        make.device(member, browser=f"Number {number}")
    rows(
        "UPDATE devices SET created_at = now() - interval '181 days' WHERE browser = 'Number 54' RETURNING 1"
    )
    others = make.device(make.member())
    log_in()
    assert rows("SELECT count(*) FROM devices WHERE member_id = :id", id=member.id) == [(KEPT_MAXIMUM - 1,)]
    assert rows("SELECT 1 FROM devices WHERE browser IN ('Number 54', 'Number 0')") == []
    assert rows("SELECT 1 FROM devices WHERE id = :id", id=others.id)


def test_the_member_and_the_device_cost_one_statement(log_in):
    browser = log_in()
    browser.get("/account/confirm")
    # It counts what the member has not read, too, for the header.
    assert [("users" in each, "devices" in each, "notifications" in each) for each in browser.statements] == [
        (True, True, True)
    ]
