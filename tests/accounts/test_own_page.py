"""Members change their password and their address, with the present password, and are told."""

import pytest

from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import check_page, text_of

NEW = "a quite different one"
PASSWORDS = {"password": PASSWORD, "new_password": NEW}
ADDRESS = {"email": "new@example.org", "password": PASSWORD}


@pytest.fixture
def member(make):
    return make.member(username="wairisi", email="old@example.org")


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def error_of(answer, field):
    assert answer.status_code == 422
    return text_of(check_page(answer.text).find(f".//*[@id='{field}-error']"))


def test_the_page_is_found_from_every_page_and_shows_the_sections_in_order(browser):
    assert browser.page("/").find(".//header//a[@href='/account']") is not None
    page = browser.page("/account")
    headings = [text_of(heading) for heading in page.findall(".//main//h2")]
    assert headings == [
        "Profile",
        "E-mail address",
        "Password",
        "Second factor",
        "Signed-in devices",
        "What you are told",
        "Blocked members",
        "Reports and notices",
        "Your data",
    ]
    assert "old@example.org, verified" in text_of(page)


def test_another_password_ends_all_other_sessions_and_goes_on_with_this_one(
    browser, browser_of, member, app, letters
):
    elsewhere = browser_of(member)
    before = browser.csrf_token()
    answer = browser.submit("/account/password", PASSWORDS)
    assert answer.location == "/account"
    assert "logged out everywhere else" in text_of(browser.page("/account"))
    assert elsewhere.get("/account").status_code == 303
    assert browser.post("/account/password", data={"csrf_token": before}).status_code == 400
    login = {"username": "wairisi", "password": NEW}
    assert new_client(app).submit("/login", login).status_code == 303
    assert new_client(app).submit("/login", login | {"password": PASSWORD}).status_code == 422
    assert letters() == [("password_changed", "old@example.org")]


def test_a_device_that_keeps_its_member_signed_in_goes_on_doing_so(client, member, rows):
    client.submit("/login", {"username": "wairisi", "password": PASSWORD, "remember": "y"})
    client.submit("/account/password", PASSWORDS)
    assert client.get("/account").status_code == 200
    assert rows("SELECT remembered FROM devices WHERE ended_at IS NULL") == [(True,)]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"password": ""}, "password", "Enter your present password"),
        ({"password": "wrong"}, "password", "This is not your present password"),
        ({"new_password": ""}, "new_password", "Choose a password"),
        ({"new_password": "short"}, "new_password", "Use 12 characters or more"),
        ({"new_password": "old@example.org"}, "new_password", "among the first that others would guess"),
    ],
)
def test_a_password_needs_the_present_one_and_a_good_one(
    change, field, sentence, browser, member, rows, letters
):
    assert sentence in error_of(browser.submit("/account/password", PASSWORDS | change), field)
    assert rows("SELECT session_epoch FROM users") == [(member.session_epoch,)]
    assert letters() == []


def test_another_address_takes_effect_when_its_letter_is_answered(
    browser, browser_of, member, letters, link, rows
):
    elsewhere = browser_of(member)
    assert browser.submit("/account/address", ADDRESS).location == "/account/address/sent"
    assert "old@example.org stays your address" in text_of(browser.page("/account/address/sent"))
    assert letters() == [("confirm_address", "new@example.org"), ("address_asked", "old@example.org")]
    path = link()
    browser.page(path)
    assert rows("SELECT email FROM users") == [("old@example.org",)]
    assert browser.submit(path).location == "/account"
    assert "new@example.org, verified" in text_of(browser.page("/account"))
    assert elsewhere.get("/account").status_code == 303
    told = [("address_changed", "new@example.org"), ("address_changed", "old@example.org")]
    assert letters()[2:] == told


def test_it_can_be_answered_on_another_device(browser, app, link, rows):
    browser.submit("/account/address", ADDRESS)
    assert new_client(app).submit(link()).location == "/login"
    assert rows("SELECT email FROM users") == [("new@example.org",)]
    assert browser.get("/account").status_code == 303


def test_an_address_that_was_not_verified_is_not_written_to(make, browser_of, letters, link):
    browser = browser_of(make.member(email="typo@exmaple.org", email_verified_at=None))
    browser.submit("/account/address", ADDRESS)
    browser.submit(link())
    assert letters() == [("confirm_address", "new@example.org"), ("address_changed", "new@example.org")]


def test_somebody_elses_address_looks_the_same_and_its_owner_is_told(browser, make, letters, rows):
    other = make.member(email="new@example.org")
    assert browser.submit("/account/address", ADDRESS).location == "/account/address/sent"
    assert letters() == [("known_address", "new@example.org"), ("address_asked", "old@example.org")]
    assert rows("SELECT text FROM outbox ORDER BY id")[0][0].startswith(f"Hello {other.username},")


def test_an_address_that_somebody_verified_meanwhile_stays_theirs(browser, make, link, rows):
    browser.submit("/account/address", ADDRESS)
    make.member(username="quick", email="NEW@example.org")
    answer = browser.submit(link())
    assert answer.status_code == 410
    assert rows("SELECT username FROM users WHERE lower(email) = 'new@example.org'") == [("quick",)]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"email": ""}, "email", "Enter the new address"),
        ({"email": "nobody"}, "email", "Enter an e-mail address such as"),
        ({"password": ""}, "password", "Enter your password"),
        ({"password": "wrong"}, "password", "This is not your present password"),
    ],
)
def test_an_address_needs_the_password(change, field, sentence, browser, letters):
    answer = browser.submit("/account/address", ADDRESS | change)
    assert sentence in error_of(answer, field)
    assert check_page(answer.text).find(".//input[@name='email']").get("value") == (ADDRESS | change)["email"]
    assert letters() == []


def test_what_nobody_took_up_is_over_when_the_password_changes(browser, link):
    """As the letter to the present address says."""
    browser.submit("/account/address", ADDRESS)
    path = link()
    browser.submit("/account/password", PASSWORDS)
    assert browser.submit(path).status_code == 410
