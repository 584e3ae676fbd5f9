"""The version of what the site shows takes one short statement, and a longer one after a change or an end."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from marketplace.database import versions
from marketplace.database.versions import Versions
from marketplace.extensions import db


@pytest.fixture
def asked(context, monkeypatch):
    """Versions, and what they have asked."""
    statements = []
    row = Versions._row

    def noted(self, statement):
        statements.append(statement)
        return row(self, statement)

    monkeypatch.setattr(Versions, "_row", noted)
    return Versions(db.engines), statements


def test_what_follows_from_the_content_is_read_once_for_each_version(asked, make, connection):
    read, statements = asked[0].read, asked[1]
    make.listing()
    first = read()
    assert statements == [versions.STATEMENT, versions.WHOLE_STATEMENT]
    second = read()
    assert statements[2:] == [versions.STATEMENT]
    assert second == first._replace(now=second.now)
    assert second.now > first.now
    connection.execute(text("UPDATE listings SET title = 'Changed'"))
    third = read()
    assert statements[3:] == [versions.STATEMENT, versions.WHOLE_STATEMENT]
    assert third.content != first.content


def test_it_is_read_again_when_the_next_end_has_come(asked, make):
    this, statements = asked
    end = datetime.now(UTC) + timedelta(hours=1)
    make.listing(lifetime_days=30, created_at=end - timedelta(days=20), expires_at=end)
    version = this.read()
    assert version.next_end == end.timestamp()
    statements.clear()
    assert this.completed(version.content, version.next_end - 1) == version._replace(now=version.next_end - 1)
    assert statements == []
    this.completed(version.content, version.next_end)
    assert statements == [versions.WHOLE_STATEMENT]
