"""The pages to log in and out."""

import re

import pytest

from marketplace.accounts import rules
from tests.accounts.test_rules import CountingHasher
from tests.factories.accounts import PASSWORD
from tests.support.html import text_of


@pytest.fixture
def member(make):
    return make.member(username="Wairisi", email="Wairisi@example.org")


@pytest.mark.parametrize("name", ["Wairisi", "wAIRISI", "wairisi@EXAMPLE.org", "  wairisi  "])
def test_a_member_logs_in_by_name_or_address_in_any_case(name, member, client, rows):
    response = client.submit("/login", {"username": name, "password": PASSWORD})
    assert (response.status_code, response.location) == (303, "/")
    assert text_of(client.page("/").find(".//*[@class='site-header__user']")) == "Wairisi"
    assert rows("SELECT last_login_at IS NOT NULL FROM users") == [(True,)]


def test_an_international_address_logs_in_as_it_was_typed(client, rows):
    form = {"username": "wairisi", "email": "w@bücher.example", "password": PASSWORD}
    assert client.submit("/register", form).status_code == 303
    client.submit("/logout")
    rows("UPDATE users SET email_verified_at = now() RETURNING id")
    assert client.submit("/login", {"username": "w@BÜCHER.example", "password": PASSWORD}).status_code == 303


def refusal(client, name, password):
    """Return the page for refused credentials without what was typed and without its tokens."""
    response = client.submit("/login", {"username": name, "password": password})
    assert response.status_code == 422
    assert client.get("/my/listings").status_code == 303
    page = re.sub(r'name="csrf_token" value="[^"]+"', 'name="csrf_token"', response.text)
    assert page.count(f'value="{name}"') == 1
    return page.replace(f'value="{name}"', "value")


def test_a_wrong_password_an_unknown_and_an_inactive_account_look_alike(client, member, make):
    make.member(username="away", is_active=False)
    wrong = refusal(client, "Wairisi", "a wrong password")
    assert "This username and password do not belong together" in wrong
    assert refusal(client, "nobody", PASSWORD) == wrong
    assert refusal(client, "nobody@example.org", PASSWORD) == wrong
    assert refusal(client, "away", PASSWORD) == wrong


@pytest.mark.parametrize("name", ["Wairisi", "nobody", "away", "nobody@example.org"])
def test_each_refusal_verifies_one_hash(name, client, member, make, monkeypatch):
    make.member(username="away", is_active=False)
    hasher = CountingHasher(rules._hasher)
    monkeypatch.setattr(rules, "_hasher", hasher)
    client.submit("/login", {"username": name, "password": "a wrong password"})
    assert (hasher.verified, hasher.hashed) == (1, 0)
    assert len(client.statements) == 1


@pytest.mark.parametrize("target", ["/listings/new", "/categories/tools?older=1-1", "/login", "/"])
def test_a_member_goes_on_to_a_page_of_this_site(target, client, member):
    form = {"username": "wairisi", "password": PASSWORD, "next": target}
    assert client.submit("/login", form).location == target
    assert client.get("/login", query_string={"next": target}).location == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "/\r\n/evil.example",
        "/\x01/evil.example",
        " //evil.example",
        "https://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "?next=//evil.example",
        "/a\\..\\b",
        "//[",
        "/\u2028/evil.example",
        "/\x85/evil.example",
        "/\u202eevil",
        "",
    ],
    ids=ascii,
)
def test_a_target_that_leaves_the_site_is_ignored(target, client, member):
    page = client.get("/login", query_string={"next": target})
    assert page.status_code == 200
    assert "evil" not in page.text
    form = {"username": "wairisi", "password": PASSWORD, "next": target}
    assert client.submit("/login", form).location == "/"
    assert client.get("/login", query_string={"next": target}).location == "/"


def test_logging_out_takes_a_button_and_not_a_link(client, browser_of, member):
    browser = browser_of(member)
    browser.page("/logout", 405)
    assert browser.get("/my/listings").status_code == 200
    response = browser.submit("/logout")
    assert (response.status_code, response.location) == (303, "/")
    assert browser.get("/my/listings").status_code == 303
    assert client.submit("/logout").status_code == 303
