"""Logging in by password and code."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest

from marketplace.second_factor.rules import STEP_SECONDS
from tests.conftest import new_client
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.factories.second_factor import RECOVERY_CODE, SECRET
from tests.support.html import text_of

APP = pyotp.TOTP(SECRET)
# Right at no time near this one.
WRONG_CODES = ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")


@pytest.fixture
def member(make):
    member = make.member(username="wairisi")
    make.second_factor(member)
    return member


@pytest.fixture
def half(app, member):
    """A browser in which the password was right."""

    def log_in(**more):
        browser = new_client(app)
        answer = browser.submit("/login", {"username": "wairisi", "password": PASSWORD, **more})
        assert (answer.status_code, answer.location) == (303, "/login/code")
        return browser

    return log_in


def enter(browser, code):
    return browser.submit("/login/code", {"code": code})


def wrong_codes():
    now = time.time()
    right = {APP.at(now + step * STEP_SECONDS) for step in range(-3, 4)}
    return [code for code in WRONG_CODES if code not in right]


def is_signed_in(browser):
    return browser.get("/my/listings").status_code == 200


def message(browser):
    return text_of(browser.page("/login/code").find(".//main"))


def test_the_password_alone_signs_nobody_in(half, rows):
    browser = half()
    assert not is_signed_in(browser)
    assert rows("SELECT 1 FROM devices") == []


def test_the_apps_code_signs_in_and_leads_on(half, rows):
    browser = half(next="/my/saved", remember="y")
    answer = enter(browser, APP.now())
    assert (answer.status_code, answer.location) == (303, "/my/saved")
    assert is_signed_in(browser)
    assert rows("SELECT remembered FROM devices") == [(True,)]
    with browser.session_transaction() as session:
        assert "half_login" not in session


def test_a_code_holds_once(half):
    code = APP.now()
    first, second = half(), half()
    enter(first, code)
    enter(second, code)
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_of_the_same_code_twice_at_once_one_is_taken(committing_app):
    make = Factories(committing_app)
    member = make.member(username="wairisi")
    make.second_factor(member)
    code, together = APP.now(), Barrier(2)

    def log_in(_number):
        browser = new_client(committing_app)
        browser.submit("/login", {"username": "wairisi", "password": PASSWORD})
        together.wait(timeout=60)
        enter(browser, code)
        return browser

    with ThreadPoolExecutor(2) as pool:
        browsers = list(pool.map(log_in, range(2)))
    assert sorted(map(is_signed_in, browsers)) == [False, True]


def test_of_two_codes_the_earlier_one_is_no_longer_taken(half):
    earlier, later = APP.at(time.time()), APP.at(time.time() + STEP_SECONDS)
    browser = half()
    enter(browser, later)
    assert is_signed_in(browser)
    other = half()
    enter(other, earlier)
    assert not is_signed_in(other)


def test_five_wrong_codes_end_the_half_log_in_and_the_next_ones(half, rows):
    browser = half()
    wrong = wrong_codes()
    for code in wrong[:4]:
        assert enter(browser, code).location == "/login/code"
    assert enter(browser, wrong[4]).location == "/login"
    assert browser.get("/login/code").location == "/login"
    again = half()
    assert enter(again, APP.now()).location == "/login"
    assert not is_signed_in(again)
    rows("UPDATE second_factors SET wrong_since = wrong_since - interval '15 minutes' RETURNING 1")
    later = half()
    enter(later, APP.now())
    assert is_signed_in(later)


def test_right_codes_do_not_make_room_for_more_guesses(half):
    browser = half()
    for code in wrong_codes()[:4]:
        enter(browser, code)
    enter(half(), RECOVERY_CODE)
    assert enter(browser, wrong_codes()[4]).location == "/login"


def test_a_wrong_code_is_told(half):
    browser = half()
    enter(browser, wrong_codes()[0])
    assert "This code is wrong, too old, or was used already" in browser.get("/login/code").text


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567", "ABCD-EFGH"])
def test_what_is_no_code_comes_back_with_a_sentence_and_is_not_counted(typed, half, rows):
    browser = half()
    answer = enter(browser, typed)
    assert answer.status_code == 422
    assert "Enter" in answer.text
    assert rows("SELECT wrong_codes FROM second_factors") == [(0,)]


def test_a_recovery_code_signs_in_once(half, rows):
    browser = half()
    assert enter(browser, "abcd-efgh-ijkl-mnop-qrst-uvwx").status_code == 303
    assert is_signed_in(browser)
    again = half()
    assert enter(again, RECOVERY_CODE).location == "/login/code"
    assert not is_signed_in(again)
    assert rows("SELECT used_at IS NOT NULL FROM recovery_codes") == [(True,)]


def test_a_recovery_code_of_somebody_else_is_wrong(half, make, rows):
    make.second_factor(make.member())
    rows("DELETE FROM recovery_codes WHERE member_id = (SELECT min(id) FROM users) RETURNING 1")
    browser = half()
    enter(browser, RECOVERY_CODE)
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "change",
    ["session_epoch = session_epoch + 1", "is_active = false", "password_hash = 'another'"],
)
def test_half_a_log_in_ends_with_what_it_was_for(change, half, rows):
    browser = half()
    rows(f"UPDATE users SET {change} RETURNING 1")
    assert enter(browser, APP.now()).location == "/login"
    assert not is_signed_in(browser)


def test_half_a_log_in_ends_after_ten_minutes(half):
    browser = half()
    with browser.session_transaction() as session:
        assert session["half_login"]["until"] <= time.time() + 600
        session["half_login"] = {**session["half_login"], "until": time.time() - 1}
    assert browser.get("/login/code").location == "/login"
    assert enter(browser, APP.now()).location == "/login"


def test_half_a_log_in_begins_a_new_session_and_signs_out_who_was_there(app, make, member, browser_of, rows):
    browser = browser_of(make.member())
    with browser.session_transaction() as session:
        session["planted"] = "by somebody else"
    browser.submit("/login", {"username": "wairisi", "password": PASSWORD})
    with browser.session_transaction() as session:
        assert "planted" not in session
        assert "csrf_token" not in session
    assert rows("SELECT ended_at IS NOT NULL FROM devices") == [(True,)]


def test_with_another_secret_key_recovery_codes_alone_are_right(half, app, monkeypatch, rows):
    rows("UPDATE second_factors SET sealed_secret = 'sealed with another key' RETURNING 1")
    browser = half()
    enter(browser, APP.now())
    assert not is_signed_in(browser)
    enter(browser, RECOVERY_CODE)
    assert is_signed_in(browser)


def test_a_wrong_password_does_not_say_that_there_is_a_second_factor(client, member, make):
    plain = make.member(username="plain")
    answers = [
        client.submit("/login", {"username": name, "password": "a wrong password"}).status_code
        for name in ("wairisi", plain.username)
    ]
    assert answers == [422, 422]
    assert client.get("/login/code").location == "/login"
