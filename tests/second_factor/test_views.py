"""The pages to set the second factor up, and to turn it off."""

import re
import time

import pyotp
import pytest
import segno

from marketplace.second_factor import rules
from marketplace.second_factor.drawing import qr_code
from tests.factories.accounts import PASSWORD
from tests.factories.second_factor import RECOVERY_CODE, SECRET
from tests.support.html import check_page, text_of

PAGE = "/account/second-factor"
EARLIER = "UPDATE devices SET confirmed_at = now() - interval '16 minutes' RETURNING 1"


@pytest.fixture
def member(make):
    return make.member(username="wairisi")


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def secret_on(page):
    return rules.plain(text_of(page.find(".//main//code")))


def codes_on(page):
    return [rules.plain(text_of(code)) for code in page.findall(".//main//li/code")]


def set_up(browser):
    assert browser.submit(f"{PAGE}/begin").location == f"{PAGE}/set-up"
    secret = secret_on(browser.page(f"{PAGE}/set-up"))
    return secret, browser.submit(f"{PAGE}/set-up", {"code": pyotp.TOTP(secret).now()})


def test_a_member_turns_it_on_and_is_given_recovery_codes_once(browser, rows):
    secret, answer = set_up(browser)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    codes = codes_on(check_page(answer.text))
    assert len(set(codes)) == 10
    assert rows("SELECT confirmed_at IS NOT NULL, last_step > 0 FROM second_factors") == [(True, True)]
    kept = rows("SELECT second_factors::text || recovery_codes::text FROM second_factors, recovery_codes")
    assert len(kept) == 10
    assert not [row for row in kept for known in (secret, *codes) if known in row[0]]
    assert "You have 10 recovery codes left" in browser.get(PAGE).text
    assert browser.get(f"{PAGE}/set-up").location == PAGE


def test_the_qr_code_is_that_of_the_secret_on_the_page(browser):
    browser.submit(f"{PAGE}/begin")
    answer = browser.get(f"{PAGE}/set-up")
    assert answer.headers["Cache-Control"] == "no-store"
    page = check_page(answer.text)
    address = rules.address_for_apps(secret_on(page), "wairisi")
    assert str(qr_code(address)) in answer.text
    assert " style=" not in answer.text


def test_the_drawing_has_the_squares_of_the_code():
    address = rules.address_for_apps(SECRET, "wairisi")
    matrix = segno.make(address, error="m", micro=False).matrix
    drawn = str(qr_code(address))
    [path] = re.findall(r'stroke="#000"[^>]* d="([^"]+)"|d="([^"]+)" stroke="#000"', drawn) or [("", "")]
    squares = set()
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?", "".join(path)):
        if command == "M":
            x, y = float(first), float(second)
        elif command == "m":
            x, y = x + float(first), y + float(second)
        else:
            squares |= {(int(x) + step, int(y)) for step in range(int(first))}
            x += float(first)
    border = 4
    assert squares == {
        (column + border, row + border)
        for row, line in enumerate(matrix)
        for column, dark in enumerate(line)
        if dark
    }


def test_a_wrong_code_turns_nothing_on(browser, rows):
    browser.submit(f"{PAGE}/begin")
    secret = secret_on(browser.page(f"{PAGE}/set-up"))
    for code in ("12345", pyotp.TOTP(secret).at(time.time() - 3600)):
        answer = browser.submit(f"{PAGE}/set-up", {"code": code})
        assert answer.status_code == 422
        assert secret_on(check_page(answer.text)) == secret
    assert rows("SELECT confirmed_at FROM second_factors") == [(None,)]
    assert rows("SELECT 1 FROM recovery_codes") == []


def test_what_is_being_set_up_is_not_asked_for_at_the_log_in(client, make, member):
    make.second_factor(member, confirmed_at=None)
    assert client.submit("/login", {"username": "wairisi", "password": PASSWORD}).location == "/"


def test_beginning_again_changes_no_second_factor_that_is_on(browser, make, member, rows):
    make.second_factor(member)
    before = rows("SELECT second_factors::text FROM second_factors")
    browser.submit(f"{PAGE}/begin")
    assert rows("SELECT second_factors::text FROM second_factors") == before


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "begin"), ("get", "set-up"), ("post", "set-up"), ("post", "recovery-codes")],
)
def test_an_old_log_in_confirms_the_password_first(method, path, browser, make, member, rows):
    make.second_factor(member)
    before = rows("SELECT second_factors::text FROM second_factors")
    rows(EARLIER)
    send = browser.submit if method == "post" else browser.get
    assert send(f"{PAGE}/{path}").location.startswith("/account/confirm")
    assert rows("SELECT second_factors::text FROM second_factors") == before
    assert len(rows("SELECT 1 FROM recovery_codes")) == 1


def test_new_recovery_codes_replace_the_old_ones(browser, client, make, member):
    make.second_factor(member)
    answer = browser.submit(f"{PAGE}/recovery-codes")
    assert answer.headers["Cache-Control"] == "no-store"
    codes = codes_on(check_page(answer.text))
    for code, location in ((RECOVERY_CODE, "/login/code"), (codes[0], "/")):
        client.submit("/login", {"username": "wairisi", "password": PASSWORD})
        assert client.submit("/login/code", {"code": code}).location == location


def test_turning_it_off_takes_the_password_and_a_code(browser, client, make, member, rows):
    make.second_factor(member)
    old = pyotp.TOTP(SECRET).at(time.time() - 3600)
    now = pyotp.TOTP(SECRET).now()
    assert browser.submit(f"{PAGE}/off", {"password": "a wrong password", "code": now}).status_code == 422
    assert browser.submit(f"{PAGE}/off", {"password": PASSWORD, "code": ""}).status_code == 422
    browser.submit(f"{PAGE}/off", {"password": PASSWORD, "code": old})
    assert len(rows("SELECT 1 FROM second_factors WHERE wrong_codes = 1")) == 1
    assert browser.submit(f"{PAGE}/off", {"password": PASSWORD, "code": now}).location == PAGE
    assert rows("SELECT 1 FROM second_factors") == rows("SELECT 1 FROM recovery_codes") == []
    assert client.submit("/login", {"username": "wairisi", "password": PASSWORD}).location == "/"
