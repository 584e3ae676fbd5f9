"""What a database says about itself: the revisions it is at, and what its ledger holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

# How a revision came to count as applied: its upgrade ran, or a stamp only marked it.
RAN, MARKED = "ran", "marked"


@dataclass(frozen=True)
class Applied:
    """A revision that counts as applied, by its newest entry in the ledger."""

    revision: str
    at: datetime
    how: str
    file: str | None
    raw_sha256: str | None


@dataclass(frozen=True)
class State:
    """`heads` is what alembic_version holds, `applied` what the ledger says; None without a ledger."""

    heads: tuple[str, ...]
    applied: Mapping[str, Applied] | None


def read_state(engine: Engine) -> State:
    """Read both on a connection of its own."""
    with engine.connect() as connection:
        return read_state_on(connection)


def read_state_on(connection: Connection) -> State:
    """Read both, in the transaction that `connection` is in."""
    has_version, has_ledger = connection.execute(
        text(
            "SELECT to_regclass('alembic_version') IS NOT NULL, to_regclass('operations.ledger') IS NOT NULL"
        )
    ).one()
    heads: tuple[str, ...] = ()
    if has_version:
        rows = connection.execute(text("SELECT version_num FROM alembic_version ORDER BY version_num"))
        heads = tuple(rows.scalars())
    return State(heads, _applied(connection) if has_ledger else None)


def _applied(connection: Connection) -> dict[str, Applied]:
    """The revisions whose newest step did not take them away."""
    rows = connection.execute(
        text(
            "SELECT revision, max(at), (array_agg(action ORDER BY id DESC))[1],"
            " (array_agg(detail ->> 'how' ORDER BY id DESC))[1],"
            " (array_agg(file ORDER BY id DESC))[1], (array_agg(raw_sha256 ORDER BY id DESC))[1]"
            " FROM operations.ledger"
            " WHERE outcome = 'done' AND revision IS NOT NULL"
            " AND action IN ('upgrade', 'downgrade', 'stamp', 'repair') GROUP BY revision"
        )
    )
    return {
        revision: Applied(revision, at, how or RAN, file, raw)
        for revision, at, action, how, file, raw in rows
        if action != "downgrade" and how != "unmarked"
    }


def stored_source(connection: Connection, revision: str) -> tuple[str, str] | None:
    """Return the file name and the text that `revision` had when it was last applied or accepted."""
    row = connection.execute(
        text(
            "SELECT file, source FROM operations.ledger"
            " WHERE revision = :revision AND outcome = 'done' AND source IS NOT NULL"
            " AND action IN ('upgrade', 'downgrade', 'stamp', 'repair') ORDER BY id DESC LIMIT 1"
        ),
        {"revision": revision},
    ).one_or_none()
    return None if row is None else (row[0], row[1])
