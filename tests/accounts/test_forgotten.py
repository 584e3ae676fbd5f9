"""Who has forgotten the password chooses another one; who is no member looks the same from outside."""

import pytest

from marketplace.accounts import rules
from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import check_page, text_of

NEW = "a quite different one"


@pytest.fixture
def member(make):
    return make.member(username="wairisi", email="w@example.org")


def log_in(client, password):
    return client.submit("/login", {"username": "wairisi", "password": password}).status_code


def test_a_letter_leads_to_another_password(member, client, letters, link, app, browser_of):
    elsewhere = browser_of(member)
    page = client.page("/login")
    assert page.find(".//a[@href='/password/forgot']") is not None
    assert client.submit("/password/forgot", {"email": "W@example.org"}).location == "/password/forgot/sent"
    assert letters() == [("reset_password", "w@example.org")]
    path = link()
    page = client.page(path)
    assert page.find(".//input[@name='new_password']").get("autocomplete") == "new-password"
    assert client.submit(path, {"new_password": NEW}).location == "/login"
    assert "log in with the new one" in text_of(client.page("/login").find(".//*[@role='status']"))
    assert elsewhere.get("/my/listings").status_code == 303
    assert (log_in(client, PASSWORD), log_in(client, NEW)) == (422, 303)
    assert letters()[1:] == [("password_changed", "w@example.org")]


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Choose a password"),
        ("short", "Use 12 characters or more"),
        ("w@example.org", "among the first that others"),
        ("password1234", "among the first that others"),
        ("x" * 201, "Use 200 characters or fewer"),
    ],
)
def test_a_weak_one_is_refused_and_the_link_still_holds(password, sentence, member, client, link):
    client.submit("/password/forgot", {"email": member.email})
    answer = client.submit(link(), {"new_password": password})
    assert answer.status_code == 422
    assert sentence in text_of(check_page(answer.text).find(".//*[@id='new_password-error']"))
    assert client.submit(link(), {"new_password": NEW}).status_code == 303


def seen_by(client, address):
    """What somebody sees who asks for a letter, and the statements that are sent for it."""
    answer = client.submit("/password/forgot", {"email": address})
    statements = list(client.statements)
    return answer.status_code, answer.location, statements, text_of(client.page(answer.location))


@pytest.mark.parametrize("values", [{}, {"is_active": False}, {"email": "another@example.org"}])
def test_it_does_not_tell_who_is_a_member(values, app, make, letters, monkeypatch):
    hashed = []
    for name in ("hash_password", "password_matches"):
        original = getattr(rules, name)
        monkeypatch.setattr(rules, name, lambda *a, original=original: hashed.append(1) or original(*a))
    make.member(email="known@example.org")
    known = seen_by(new_client(app), "known@example.org")
    assert letters() == [("reset_password", "known@example.org")]
    make.member(**({"email": "w@example.org"} | values))
    if not values:
        assert seen_by(new_client(app), "w@example.org") == known
        return
    assert seen_by(new_client(app), "w@example.org") == known
    assert len(known[2]) == 2
    assert len(letters()) == 1
    assert hashed == []


def test_a_letter_to_nobody_is_rendered_too(app, client, monkeypatch):
    from flask import template_rendered

    rendered = []
    with template_rendered.connected_to(lambda _app, template, **_: rendered.append(template.name), app):
        client.submit("/password/forgot", {"email": "nobody@example.org"})
    assert "mail/reset_password.html" in rendered


def test_the_owner_is_written_to_and_not_who_claims_the_address(make, client, letters, rows):
    owner = make.member(email="w@example.org")
    make.member(email="w@example.org", email_verified_at=None)
    client.submit("/password/forgot", {"email": "w@example.org"})
    assert rows("SELECT member_id FROM outbox") == [(owner.id,)]


def test_who_has_not_verified_the_address_does_so_by_it(make, client, link, rows):
    make.member(email="w@example.org", email_verified_at=None)
    client.submit("/password/forgot", {"email": "w@example.org"})
    assert client.submit(link(), {"new_password": NEW}).status_code == 303
    assert rows("SELECT email_verified_at IS NOT NULL FROM users") == [(True,)]


def test_what_is_no_address_is_told(client, letters):
    answer = client.submit("/password/forgot", {"email": "nobody"})
    assert answer.status_code == 422
    assert "Enter an e-mail address" in text_of(check_page(answer.text).find(".//*[@id='email-error']"))
    assert letters() == []
