"""Attacks by trying often: guessing passwords, filling the site up, wearing it out; and keeping members out.

Each test has a database of its own, on which commits are real. Time passes by moving what is written back.
"""

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from marketplace.accounts import rules as accounts
from marketplace.throttling import rules
from marketplace.throttling.actions import COUNT, count_attempt, remove_forgotten
from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.support.postgresql import ROOT, connect
from tests.support.posting import publish_checked, send_to_check
from tests.support.unclosed import Unclosed

TOO_OFTEN = "This was tried too often: try again in"
LIMITS = [each for each in vars(rules).values() if isinstance(each, rules.Limit)]
SECURITY = ROOT / "docs" / "SECURITY.md"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


class Site:
    """A site of two processes over one database."""

    def __init__(self, url):
        self.url = url
        self.apps = [make_app(url, THROTTLING_SCALE=1) for _ in range(2)]
        self.make = Factories(self.apps[0])
        proved = datetime(2026, 1, 1, tzinfo=UTC)
        self.member = self.make.member(
            username="wairisi", email="wairisi@example.org", email_verified_at=proved
        )
        self.asked = 0

    def guess(self, name="wairisi", address=HERE, typed="a wrong password", browser=None, **headers):
        """Try to log in, from a browser of its own unless one is given, at each process in turn."""
        self.asked += 1
        browser = browser or new_client(self.apps[self.asked % 2])
        form = {"username": name, "password": typed}
        return browser.submit("/login", form, environ_base={"REMOTE_ADDR": address}, headers=headers)

    def sql(self, statement):
        with connect(self.url) as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def let_pass(self, seconds):
        """Let time pass."""
        self.sql(
            f"UPDATE throttles SET blocked_until = blocked_until - interval '{seconds} seconds',"
            f" forgotten_at = forgotten_at - interval '{seconds} seconds'"
        )


@pytest.fixture
def site(make_database):
    site = Site(make_database())
    yield site
    for app in site.apps:
        dispose(app)


def spray(site, number, **options):
    """Try to log in by as many different names; return the statuses."""
    return [site.guess(f"somebody-{each}", **options).status_code for each in range(number)]


def guess_from_everywhere(site, number, name="wairisi"):
    """Try to log in by one name, each time from another address; return the statuses."""
    return [site.guess(name, f"192.0.2.{each}").status_code for each in range(number)]


@pytest.mark.parametrize(
    "name", ["wairisi", "WAIRISI", "wairisi@example.org", "nobody", "nobody@example.org"]
)
def test_each_guess_waits_twice_as_long_as_the_one_before_at_all_processes(name, site):
    assert [site.guess(name).status_code for _ in range(5)] == [422] * 5
    waits = []
    for _ in range(11):
        refused = site.guess(name)
        assert refused.status_code == 429
        assert f"{TOO_OFTEN} " in refused.text
        assert f'value="{name}"' in refused.text
        waits.append(int(refused.headers["Retry-After"]))
        assert site.guess(name).status_code == 429, "what is refused makes nobody wait longer"
        site.let_pass(waits[-1])
        # The address has tried too often as well by now, which is another limit's matter.
        site.sql("DELETE FROM throttles WHERE purpose = 'log in from an address'")
        assert site.guess(name).status_code == 422
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    site.let_pass(rules.DAY)
    assert [site.guess(name).status_code for _ in range(5)] == [422] * 5


def test_an_unknown_name_is_answered_like_a_known_one(site):
    answers = {}
    for name in ("wairisi", "unknown"):
        found = [site.guess(name) for _ in range(7)]
        answers[name] = [
            (each.status_code, each.headers.get("Retry-After"), TOO_OFTEN in each.text) for each in found
        ]
        site.let_pass(rules.DAY)
    assert answers["wairisi"] == answers["unknown"]
    # Nor does a wait tell which address belongs to which name.
    assert [site.guess("wairisi").status_code for _ in range(6)][-1] == 429
    assert site.guess("wairisi@example.org").status_code == 422


def test_one_password_tried_on_many_names_is_stopped_by_its_address(site):
    assert set(spray(site, 30)) == {422}
    refused = site.guess("one-more")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "try again in 60 seconds" in refused.text
    # Nobody else is kept out, and no name has lost any of its attempts.
    assert site.guess("wairisi", ELSEWHERE, PASSWORD).status_code == 303
    assert site.sql("SELECT count(*) FROM throttles WHERE purpose LIKE 'log in by a name%'") == [(60,)]


@pytest.mark.parametrize(
    ("addresses", "status"),
    [
        (["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:1:2:3:4"], 429),
        (["2001:db8::1", "2001:db8:0:1::1", "2001:db8:1::1"], 422),
        (["::ffff:203.0.113.7", "203.0.113.7", "::ffff:203.0.113.7"], 429),
    ],
)
def test_the_addresses_of_one_subscriber_are_one(addresses, status, site):
    for address in addresses[:2]:
        assert set(spray(site, 15, address=address)) == {422}
    assert site.guess("one-more", addresses[2]).status_code == status


def test_one_account_tried_from_many_addresses_waits_too(site):
    assert set(guess_from_everywhere(site, 100)) == {422}
    refused = site.guess(address=ELSEWHERE)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")


def test_nobody_keeps_a_member_out_of_a_browser_that_is_known(site):
    known = new_client(site.apps[0])
    assert site.guess(typed=PASSWORD, browser=known).status_code == 303
    known.submit("/logout")
    guess_from_everywhere(site, 101)
    spray(site, 31)
    site.sql("UPDATE throttles SET blocked_until = now() + interval '15 minutes'")
    assert site.guess(typed=PASSWORD).status_code == 429
    # Here, from the address that tried all of these, and by the other name.
    assert site.guess("wairisi@example.org", typed=PASSWORD, browser=known).status_code == 303
    # It guesses no more than others, and helps with no other name.
    known.submit("/logout")
    assert [site.guess(browser=known).status_code for _ in range(6)] == [422] * 5 + [429]
    assert site.guess("somebody-1", browser=known).status_code == 429


def test_a_reset_lets_a_member_in_whatever_others_try(site):
    browser = new_client(site.apps[0])
    guess_from_everywhere(site, 101)
    assert site.guess(typed=PASSWORD, browser=browser).status_code == 429
    assert forget_password(site, browser).status_code == 303
    (text,) = site.sql("SELECT text FROM outbox WHERE name = 'reset_password'")[0]
    path = re.search(r"/password/reset/\S+", text)[0]
    assert browser.submit(path, {"new_password": "quiet green heron"}).status_code == 303
    assert site.guess(typed="quiet green heron", browser=browser).status_code == 303


def test_a_password_changed_in_a_known_browser_leaves_it_known(site):
    browser = new_client(site.apps[0])
    site.guess(typed=PASSWORD, browser=browser)
    form = {"password": PASSWORD, "new_password": "quiet green heron"}
    assert browser.submit("/account/password", form).status_code == 303
    browser.submit("/logout")
    guess_from_everywhere(site, 101)
    assert site.guess(typed="quiet green heron", browser=browser).status_code == 303


def test_nobody_keeps_a_member_out_from_one_address(site):
    for _ in range(100):
        site.guess(address=ELSEWHERE)
        site.sql("UPDATE throttles SET blocked_until = now() WHERE purpose = 'log in from an address'")
    assert site.guess(typed=PASSWORD).status_code == 303


@pytest.mark.parametrize("change", ["nothing", "password", "forged", "somebody else's"])
def test_a_browser_is_known_as_its_members_and_with_the_present_password_alone(change, site):
    browser, other = new_client(site.apps[0]), site.make.member(username="other")
    name = "other" if change == "somebody else's" else "wairisi"
    site.guess(name, typed=PASSWORD, browser=browser)
    browser.submit("/logout")
    if change == "password":
        site.sql(f"UPDATE users SET password_hash = '{accounts.hash_password(PASSWORD)}'")
    if change == "forged":
        browser.set_cookie("kula_browser", "0" * 16 + ".forged")
    assert other.id != site.member.id
    guess_from_everywhere(site, 101)
    answer = site.guess(typed=PASSWORD, browser=browser)
    assert answer.status_code == (303 if change == "nothing" else 429)


def test_a_right_password_forgets_what_was_tried_by_the_name_and_not_by_the_address(site):
    for _ in range(3):
        assert [site.guess().status_code for _ in range(4)] == [422] * 4
        assert site.guess(typed=PASSWORD).status_code == 303
    assert site.sql("SELECT purpose, attempts FROM throttles") == [("log in from an address", 15)]


def test_a_member_is_told_of_attempts_once_a_day(site):
    letters = "SELECT name, address, member_id FROM outbox"
    assert set(guess_from_everywhere(site, 9)) == {422}
    assert site.sql(letters) == []
    for _ in range(2):
        guess_from_everywhere(site, 12)
        guess_from_everywhere(site, 12, "wairisi@example.org")
        guess_from_everywhere(site, 12, "nobody")
    assert site.sql(letters) == [("attempts_to_log_in", "wairisi@example.org", site.member.id)]
    assert "10 attempts" in site.sql("SELECT text FROM outbox")[0][0]
    site.let_pass(rules.DAY)
    guess_from_everywhere(site, 12)
    assert len(site.sql(letters)) == 2


def test_what_a_visitor_says_of_the_own_address_is_not_believed(site):
    for number in range(30):
        site.guess(f"somebody-{number}", **{"X-Forwarded-For": f"192.0.2.{number}"})
    assert site.guess("one-more", **{"X-Forwarded-For": "192.0.2.200"}).status_code == 429
    # Nor does it count for the address that was named.
    assert site.guess("wairisi", "192.0.2.1", PASSWORD).status_code == 303


def test_what_the_proxy_says_is_believed_and_nothing_before_it(site):
    def guess(name, said):
        return site.guess(name, "127.0.0.1", **{"X-Forwarded-For": said}).status_code

    assert {guess(f"somebody-{number}", f"192.0.2.{number}, {HERE}") for number in range(30)} == {422}
    assert guess("one-more", f"192.0.2.99, {HERE}") == 429
    assert guess("one-more", f"{HERE}, {ELSEWHERE}") == 422
    assert guess("one-more", "nonsense") == 422


def test_attempts_at_once_all_count(site):
    barrier = threading.Barrier(12)

    def guess(number):
        browser = new_client(site.apps[number % 2])
        barrier.wait()
        return site.guess(browser=browser).status_code

    with ThreadPoolExecutor(12) as threads:
        statuses = sorted(threads.map(guess, range(12)))
    assert statuses == [422] * 5 + [429] * 7
    assert {attempts for (attempts,) in site.sql("SELECT attempts FROM throttles")} == {5, 12}


def test_no_lock_is_held_while_a_password_is_checked(site, monkeypatch):
    found = []

    class Looking:
        def verify(self, *_arguments):
            found.append(site.sql("SELECT purpose FROM throttles FOR UPDATE NOWAIT"))

    monkeypatch.setattr(accounts, "_hasher", Looking())
    site.guess("unknown")
    assert [len(locked) for locked in found] == [3]


def test_a_clock_that_was_set_back_locks_nobody_out(site):
    for _ in range(6):
        site.guess()
    site.sql(
        "UPDATE throttles SET blocked_until = now() + interval '9 years',"
        " forgotten_at = now() + interval '10 years'"
    )
    assert site.guess(typed=PASSWORD).status_code == 303
    # Even a clock that was wrong by less is waited for no longer than the time after which all is forgotten.
    for _ in range(6):
        site.guess()
    site.sql("UPDATE throttles SET blocked_until = now() + interval '9 years'")
    assert int(site.guess().headers["Retry-After"]) <= rules.DAY


def register(site, browser):
    form = {"username": "a", "email": "a", "password": "a"}
    return browser.submit("/register", form)


def forget_password(site, browser):
    return browser.submit("/password/forgot", {"email": "wairisi@example.org"})


def forget_passwords(site, browser):
    site.asked += 1
    return browser.submit("/password/forgot", {"email": f"somebody-{site.asked}@example.org"})


def ask_for_proof(site, browser):
    site.sql("UPDATE users SET email_verified_at = NULL")
    return browser.submit("/account/verify")


def change_password(site, browser):
    return browser.submit(
        "/account/password", {"password": "a wrong one", "new_password": "quiet green heron"}
    )


def change_address(site, browser):
    return browser.submit("/account/address", {"password": "a wrong one", "email": "other@example.org"})


def confirm(site, browser):
    return browser.submit("/account/confirm", {"password": "a wrong one"})


def turn_second_factor_off(site, browser):
    if not site.sql("SELECT member_id FROM second_factors"):
        site.make.second_factor(site.member)
    return browser.submit("/account/second-factor/off", {"password": "a wrong one", "code": "123456"})


def copy_data(site, browser):
    return browser.submit("/account/data", {"password": "a wrong one"})


def delete_account(site, browser):
    return browser.submit("/account/delete", {"password": "a wrong one"})


def search(site, browser):
    return browser.get(f"/search?q={uuid4().hex}")


def feed(site, browser):
    return browser.get(f"/search.atom?q={uuid4().hex}")


def browse(site, browser):
    slug = site.sql("SELECT slug FROM categories")[0][0]
    site.asked += 1
    return browser.get(f"/categories/{slug}?max={site.asked}")


def keep_for_later(site, browser):
    browser.delete_cookie("kula_session")
    return browser.post(f"/drafts/{uuid4()}", data={"title": "Typed with care"})


def upload(site, browser):
    file = (io.BytesIO(b"no picture"), "a.jpg")
    form = {"title": "Typed with care", "offers-0-name": "Drill", "offers-0-files": file}
    return browser.submit(f"/drafts/{uuid4()}", form, content_type="multipart/form-data")


def publish(site, browser):
    category = site.sql("SELECT id FROM categories")[0][0]
    form = {"title": "Tools", "category_id": category, "offers-0-name": "A drill"}
    _, page = send_to_check(browser, form)
    return publish_checked(browser, page)


def propose(site, browser):
    item = site.make.item(site.make.listing(items=[]))
    return browser.submit(f"/items/{item.id}/swap", {"get": item.id, "open_days": "7", "go": "send"})


def write_message(site, browser):
    exchanges = site.sql("SELECT id FROM exchanges")
    exchange_id = exchanges[0][0] if exchanges else site.make.exchange(site.member, site.make.member()).id
    return browser.submit(f"/swaps/{exchange_id}/messages", {"words": "Typed with care"})


@pytest.mark.parametrize(
    ("attempt", "kept"),
    [
        (register, 'name="username"'),
        (forget_password, 'value="wairisi@example.org"'),
        (forget_passwords, 'value="somebody-'),
        (ask_for_proof, "That was too often in a short time"),
        (change_password, TOO_OFTEN),
        (change_address, 'value="other@example.org"'),
        (confirm, TOO_OFTEN),
        (turn_second_factor_off, TOO_OFTEN),
        (copy_data, TOO_OFTEN),
        (delete_account, TOO_OFTEN),
        (search, "That was too often in a short time"),
        (feed, "That was too often in a short time"),
        (browse, "That was too often in a short time"),
        (keep_for_later, "Typed with care"),
        (upload, "Typed with care"),
        (publish, "nothing you typed is lost"),
        (propose, "nothing you typed is lost"),
        (write_message, "nothing you typed is lost"),
    ],
)
def test_what_was_done_too_often_has_a_page_that_says_when_to_go_on(attempt, kept, site):
    site.make.category()
    browser = new_client(site.apps[0]).sign_in(site.member)
    if attempt is register:
        browser = new_client(site.apps[0])
    assert attempt(site, browser).status_code != 429
    purposes = {purpose for (purpose,) in site.sql("SELECT purpose FROM throttles")}
    limit = min((each for each in LIMITS if each.purpose in purposes), key=lambda each: each.free)
    if attempt is forget_passwords:
        limit = rules.RESET_FROM_ADDRESS
    site.sql(f"UPDATE throttles SET attempts = {limit.free - 1} WHERE purpose = '{limit.purpose}'")
    assert attempt(site, browser).status_code != 429
    refused = attempt(site, browser)
    assert refused.status_code == 429
    left = int(refused.headers["Retry-After"])
    # A second or more of it may be over by now.
    assert 0 < left <= limit.first
    assert f"try again {rules.in_words(left)}" in refused.text
    assert kept in refused.text
    site.sql("UPDATE throttles SET blocked_until = now()")
    assert attempt(site, browser).status_code != 429


def test_a_page_that_is_kept_already_is_no_search(site):
    browser = new_client(site.apps[0])
    for _ in range(3):
        assert browser.get("/search?kind=offered").status_code == 200
    assert site.sql("SELECT attempts FROM throttles") == [(1,)]


def test_a_database_for_reading_alone_is_searched(site):
    (name,) = site.sql("SELECT current_database()")[0]
    site.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    for app in site.apps:
        dispose(app)
    assert new_client(site.apps[0]).get("/search?q=drill").status_code == 200
    # Where nothing can be counted, no password can be tried.
    assert site.guess().status_code == 503


class Recording(Unclosed):
    """A connection that notes what is sent on it."""

    def __init__(self, connection, sent):
        super().__init__(connection)
        self._sent = sent

    def cursor(self):
        return RecordingCursor(self._connection.cursor(), self._sent)


class RecordingCursor(Unclosed):
    """Its cursor."""

    def __init__(self, cursor, sent):
        super().__init__(cursor)
        self._sent = sent

    def execute(self, statement, values):
        self._sent.append(statement)
        self._connection.execute(statement, values)


def test_an_attempt_costs_one_statement(context, connection):
    sent = []
    connection.raw_connection = lambda: Recording(connection.connection, sent)
    for expected in range(1, 4):
        assert count_attempt(rules.SEARCH, HERE) == expected
    assert sent == [COUNT] * 3


def test_neither_names_nor_addresses_can_be_read_out_of_the_table(site):
    site.guess()
    text = str(site.sql("SELECT throttles::text, encode(key, 'escape') FROM throttles"))
    assert "wairisi" not in text
    assert HERE not in text


def test_what_is_forgotten_is_swept(site):
    site.guess()
    with site.apps[0].app_context():
        assert remove_forgotten(10) == 0
    site.let_pass(rules.HOUR)
    with site.apps[0].app_context():
        assert remove_forgotten(10) == 1
        from marketplace.extensions import db

        db.session.commit()
    assert site.sql("SELECT count(*) FROM throttles") == [(2,)]


def test_no_setting_of_the_environment_lifts_the_limits(make_database, monkeypatch):
    from marketplace import create_app

    for name in ("THROTTLING_SCALE", "THROTTLING", "KULA_THROTTLING_SCALE", "FLASK_THROTTLING_SCALE"):
        monkeypatch.setenv(name, "0")
    app = create_app({"SECRET_KEY": "tests", "SQLALCHEMY_DATABASE_URI": make_database()})
    assert app.config["THROTTLING_SCALE"] == 1
    dispose(app)


def test_the_documented_limits_are_those_of_the_code():
    rows = [line.strip("| ").split(" | ") for line in SECURITY.read_text().splitlines() if "| " in line]
    said = {row[0]: row[2:] for row in rows if len(row) == 6}
    for limit in LIMITS:
        seconds = (limit.within, limit.first, limit.longest)
        words = [rules.in_words(each).removeprefix("in ") for each in seconds]
        assert said[limit.purpose] == [str(limit.free), *words]


def test_even_a_patient_guesser_has_few_guesses_in_a_year():
    """Two hundred guesses a day, against a password that takes a million at least."""
    limit = rules.LOG_IN_AS
    waiting, guesses = 0, limit.free
    while waiting < limit.within:
        waiting += limit.wait_after(guesses) or 0
        guesses += 1
    assert guesses <= 210
    assert 365 * guesses < 100_000
