"""The letters about a second factor."""

import pyotp
import pytest

from tests.factories.accounts import PASSWORD
from tests.factories.second_factor import RECOVERY_CODE, SECRET


@pytest.fixture
def member(make):
    return make.member(username="wairisi", email="w@example.org")


@pytest.fixture
def letters(rows):
    return lambda: [tuple(row) for row in rows("SELECT name, address FROM outbox ORDER BY id")]


def test_turning_it_on_is_told(browser_of, letters, make, member):
    make.second_factor(member, confirmed_at=None)
    browser_of(member).submit("/account/second-factor/set-up", {"code": pyotp.TOTP(SECRET).now()})
    assert letters() == [("second_factor_on", "w@example.org")]


def test_turning_it_off_is_told(browser_of, letters, make, member):
    make.second_factor(member)
    form = {"code": pyotp.TOTP(SECRET).now(), "password": PASSWORD}
    browser_of(member).submit("/account/second-factor/off", form)
    assert letters() == [("second_factor_off", "w@example.org")]


def test_so_is_what_an_operator_does(app, letters, make, member):
    make.second_factor(member)
    app.test_cli_runner().invoke(args=["members", "reset-second-factor", "wairisi"])
    assert letters() == [("second_factor_off", "w@example.org")]


def test_a_recovery_code_is_told_with_what_is_left(client, letters, make, member, rows):
    make.second_factor(member)
    client.submit("/login", {"username": "wairisi", "password": PASSWORD})
    client.submit("/login/code", {"code": RECOVERY_CODE})
    assert letters() == [("recovery_code_used", "w@example.org")]
    assert "You have 0 left." in rows("SELECT text FROM outbox")[0][0]


def test_no_letter_has_a_secret_in_it(browser_of, make, member, rows):
    make.second_factor(member, confirmed_at=None)
    code = pyotp.TOTP(SECRET).now()
    answer = browser_of(member).submit("/account/second-factor/set-up", {"code": code})
    assert answer.status_code == 200
    [(text, html)] = rows("SELECT text, html FROM outbox")
    for secret in (SECRET, SECRET[:4], code):
        assert secret not in text + html
