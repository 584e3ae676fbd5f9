"""The audit log is added to, and never changed, whoever asks."""

import pytest
from sqlalchemy.exc import ProgrammingError

from marketplace.audit.actions import record
from tests.support.html import text_of


@pytest.fixture
def entry(context, make):
    from marketplace.extensions import db

    member = make.member(username="Anna")
    record(None, "grant", "member", member.id, member_id=member.id, before={"role": "member"})
    db.session.commit()
    return member


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET reason = 'another'",
        "UPDATE audit_log SET reason = 'another' WHERE false",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM audit_log"
        " ON CONFLICT (id) DO UPDATE SET reason = 'another'",
    ],
)
def test_no_statement_changes_it(statement, entry, connection, rows):
    before = rows("SELECT * FROM audit_log")
    with pytest.raises(ProgrammingError, match="only added to"), connection.begin_nested():
        rows(statement + (" RETURNING id" if "TRUNCATE" not in statement else ""))
    assert rows("SELECT * FROM audit_log") == before


def test_it_outlives_the_members_that_it_names(entry, make, browser_of, rows):
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=entry.id)
    words = text_of(browser_of(make.administrator()).page("/moderation/log"))
    assert f"a member who has left (member {entry.id})" in words
    assert "by the operator" in words
    assert "role member" in words


def test_a_grant_by_command_is_recorded_with_it(app, make, rows):
    member = make.member(username="Anna")
    run = app.test_cli_runner().invoke
    assert run(args=["members", "grant", "Anna", "moderator"]).exit_code == 0
    assert run(args=["members", "grant", "Anna", "moderator"]).exit_code == 0
    assert [tuple(row) for row in rows("SELECT actor_id, action, member_id, before FROM audit_log")] == [
        (None, "grant", member.id, {"role": "member"})
    ]


def test_its_pages_go_back_and_forth(entry, make, browser_of, monkeypatch):
    from marketplace.audit import queries
    from marketplace.extensions import db

    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for number in range(queries.PAGE_SIZE + 60):
        record(None, f"act{number}", "member", entry.id)
    db.session.commit()
    browser = browser_of(make.administrator())
    page = browser.page("/moderation/log")
    (older,) = [link.get("href") for link in page.iter("a") if "older=" in link.get("href", "")]
    newest = text_of(page)
    page = browser.page(older)
    assert "Act" in text_of(page)
    assert text_of(page) != newest
    (newer,) = [link.get("href") for link in page.iter("a") if "newer=" in link.get("href", "")]
    assert "Act61" in text_of(browser.page(newer))
