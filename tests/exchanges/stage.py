"""A site on which members play at random: four of them with their things, a moderator, and the clock.

`read` reads all that exchanges keep, in plain SQL; play_checks.py says what has to be true of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import text

from marketplace import clock
from marketplace.exchanges import sweep
from marketplace.extensions import db
from tests.conftest import new_client

NAMES = ("ama", "boa", "cora", "dele")
LENT_FOR = 7
# So many steps of the sweep at one moment mean that it never ends.
STEPS_MAXIMUM = 200

TABLES = {
    "exchanges": "id",
    "exchange_versions": "exchange_id, number",
    "exchange_items": "id",
    "exchange_holds": "id",
    "exchange_loans": "id",
    "exchange_events": "id",
    "exchange_messages": "id",
    "exchange_reads": "exchange_id, side",
    "exchange_reviews": "exchange_id, side",
    "exchange_disputes": "exchange_id",
    "notifications": "id",
    "outbox": "id",
    "listings": "id",
}
# What is said for a range of tstzrange.
_HOLDS = "SELECT *, lower(during) AS begins, upper(during) AS ends FROM exchange_holds ORDER BY id"

Row = dict[str, Any]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Item:
    """A thing on offer."""

    id: int
    owner: int
    value: int | None
    is_lent: bool


class Stage:
    """The site, and what its members can do on it."""

    def __init__(self, app, connection, make, monkeypatch):
        self.app, self.connection = app, connection
        self.now = datetime.combine(datetime.now(UTC).date(), time(12), UTC)
        monkeypatch.setattr(clock, "now", self.tick)
        members = [make.member(username=name) for name in NAMES]
        moderator = make.moderator()
        self.ids = [member.id for member in members]
        self.browsers = {each.id: new_client(app).sign_in(each) for each in (*members, moderator)}
        self.moderator_id = moderator.id
        self.items = []
        for number, member in enumerate(members):
            for value, loan in ((10 + number, {}), (None, {}), (25, {"exchange_type": "temporary"})):
                days = {"duration_days": LENT_FOR} if loan else {}
                listing = make.listing(owner_id=member.id, items=[])
                item = make.item(listing, name=f"Thing {len(self.items)}", value=value, **loan, **days)
                self.items.append(Item(item.id, member.id, value, bool(loan)))

    def tick(self) -> datetime:
        """The time, which goes on while a request is answered."""
        self.now += timedelta(microseconds=1)
        return self.now

    def wait(self, **span: int) -> None:
        """Let time go by, to a whole second."""
        self.now = self.now.replace(microsecond=0) + timedelta(**span)

    def of(self, member_id: int) -> list[Item]:
        """The things of a member."""
        return [item for item in self.items if item.owner == member_id]

    def press(self, member_id: int, path: str, form: dict[str, Any] | None = None) -> int:
        """Let a member send a form, a second after what was before, and return the status."""
        self.wait(seconds=1)
        answer = self.browsers[member_id].submit(path, form or {})
        assert answer.status_code in (303, 404, 409, 422), (path, form, answer.status)
        return answer.status_code

    def sweep_once(self) -> bool:
        """Let the site do one thing that is due, a second later, and tell whether there was one."""
        self.wait(seconds=1)
        with self.app.app_context():
            done = sweep.step()
            db.session.commit()
        return bool(done)

    def read(self) -> Rows:
        """All rows of the tables."""
        statements = {table: f"SELECT * FROM {table} ORDER BY {order}" for table, order in TABLES.items()}
        statements["exchange_holds"] = _HOLDS
        return {
            table: [dict(row._mapping) for row in self.connection.execute(text(statement))]
            for table, statement in statements.items()
        }
