"""Two kinds of things that happen, a clock that tests set, and what tells, writes and reads."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Connection

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.notifications import actions
from tests.support.notifications import register_kinds

# A Monday.
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _kinds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    register_kinds(app, monkeypatch)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], datetime]:
    """Sets the clock, and returns what it says."""

    def set_clock(moment: datetime) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    set_clock(NOON)
    return set_clock


@pytest.fixture
def tell(app: Flask, connection: Connection, at: Any) -> Callable[..., bool]:
    """Tells a member of something, as of now, and commits."""
    told: list[str] = []

    def tell_one(member: User, kind: str = "told", once: str | None = None, **values: Any) -> bool:
        told.append(f"thing {len(told)}")
        known = {"thing": "A drill", "item_id": 7, "at": clock.now()} | values
        with app.app_context():
            is_new = actions.notify(member.id, kind, once=once or told[-1], **known)
            db.session.commit()
        return is_new

    return tell_one


@pytest.fixture
def send(
    app: Flask, connection: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[], str]:
    """Does what `flask mail send` does, with letters as files, and returns what it says."""
    monkeypatch.setitem(app.config, "OUTBOX_PATH", str(tmp_path / "outbox"))

    def run() -> str:
        result = app.test_cli_runner().invoke(args=["mail", "send"])
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run
