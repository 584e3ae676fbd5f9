"""What a browser keeps between two visits, and when it stops being of use."""

import pytest
from sqlalchemy import text

from tests.factories.accounts import PASSWORD


@pytest.fixture
def member(make):
    return make.member(username="wairisi")


def log_in(client, **more):
    return client.submit("/login", {"username": "wairisi", "password": PASSWORD, **more})


def test_logging_in_leaves_nothing_of_the_visitors_session(client, member):
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    token = client.csrf_token()
    before = client.get_cookie("kula_session").value
    assert log_in(client).status_code == 303
    assert client.get_cookie("kula_session").value != before
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") is None
        assert session["_user_id"]
    assert client.post("/logout", data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("path", ["/register", "/logout"])
def test_registering_and_logging_out_begin_a_session_too(path, client, member):
    log_in(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    form = {"username": "other", "email": "other@example.org", "password": PASSWORD}
    assert client.submit(path, form).status_code == 303
    with client.session_transaction() as session:
        assert "planted" not in session
        assert "csrf_token" not in session


def test_the_cookie_is_for_this_site_and_not_for_scripts(client, member):
    cookies = log_in(client, remember="y").headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"kula_session", "kula_browser"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("change", ["session_epoch = session_epoch + 1", "is_active = false"])
def test_raising_the_epoch_or_closing_the_account_ends_all_sessions(change, client, member, connection):
    log_in(client, remember="y")
    assert client.get("/my/listings").status_code == 200
    connection.execute(text(f"UPDATE users SET {change}"))
    assert client.get("/my/listings").status_code == 303
    assert client.get("/").status_code == 200


def test_a_session_of_a_deleted_member_is_a_visitors(browser_of, member, connection):
    browser = browser_of(member)
    connection.execute(text("DELETE FROM users"))
    assert browser.get("/my/listings").status_code == 303
