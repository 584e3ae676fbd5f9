"""The fingerprint: the catalogue as the last step left it, kept beside the ledger, and what differs since.

A step takes over what it changed itself, and nothing else: what was changed outside of it before stays told.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from marketplace.schema import ledger
from marketplace.schema.catalogue import (
    KINDS,
    Catalogue,
    Difference,
    Object,
    differences,
    read_catalogue,
    rendered_otherwise,
)
from marketplace.schema.errors import DatabaseBusy, LedgerUnavailable
from marketplace.schema.plan import label
from marketplace.schema.state import read_state_on

# A look gives way to whoever has a table locked, rather than wait behind them.
LOCK_TIMEOUT_MS = 500

STORED = "SELECT at, revision, major, sha256, objects FROM operations.fingerprint"
STORE = text(
    "INSERT INTO operations.fingerprint (revision, major, sha256, objects)"
    " VALUES (:revision, :major, :sha256, CAST(:objects AS jsonb)) ON CONFLICT (only_one) DO UPDATE"
    " SET at = clock_timestamp(), revision = excluded.revision, major = excluded.major,"
    " sha256 = excluded.sha256, objects = excluded.objects"
)


@dataclass(frozen=True)
class Fingerprint:
    """A catalogue as it was at `revision`, rendered by PostgreSQL `major`; `sha256` is of all of it."""

    at: datetime
    revision: str | None
    major: int
    sha256: str
    objects: Catalogue


@dataclass(frozen=True)
class Drift:
    """What was changed outside of a migration since `since`, which is None when there is no fingerprint.

    `rendered` has the keys of what another major version of PostgreSQL writes otherwise than `since.major`,
    so that it cannot be told whether it was changed as well.
    """

    since: Fingerprint | None
    major: int
    changes: tuple[Difference, ...] = ()
    rendered: tuple[str, ...] = ()

    @property
    def outer(self) -> tuple[Difference, ...]:
        """The changes without those that go with another one, such as the columns of a new table."""
        whole = {each.key for each in self.changes if each.what != "changed"}
        return tuple(each for each in self.changes if each.present.parent not in whole)


def exists(connection: Connection) -> bool:
    """Whether this database has a place for a fingerprint."""
    return bool(connection.execute(text("SELECT to_regclass('operations.fingerprint') IS NOT NULL")).scalar())


def stored(connection: Connection) -> Fingerprint | None:
    """Return the fingerprint that is kept, None when there is none."""
    if not exists(connection):
        return None
    row = connection.execute(text(STORED)).one_or_none()
    if row is None:
        return None
    objects = [Object(kind, *rest) for kind, *rest in row.objects if kind in KINDS]
    return Fingerprint(row.at, row.revision, row.major, row.sha256, {each.key: each for each in objects})


def read_drift(engine: Engine) -> Drift:
    """Compare the engine's database with its fingerprint. Raises DatabaseBusy when a table is locked.

    One of another revision is as good as none: a run from or to base was ended before its last step.
    """
    with engine.connect() as connection:
        since, present = stored(connection), read_present(connection)
        if since is not None and since.revision != label(read_state_on(connection).heads):
            since = None
        major = server_major(connection)
        connection.rollback()
    if since is None:
        return Drift(None, major)
    same = since.major == major
    changes = differences(since.objects, present, same_version=same)
    return Drift(
        since, major, tuple(changes), () if same else tuple(rendered_otherwise(since.objects, present))
    )


def read_present(connection: Connection) -> dict[str, Object]:
    """Read the catalogue for a look. Raises DatabaseBusy rather than wait for a lock."""
    try:
        return read_patiently(connection, LOCK_TIMEOUT_MS)
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) != "55P03":
            raise
        raise DatabaseBusy(
            "The catalogue cannot be read: another session keeps a table locked.\nNext: flask db doctor"
        ) from error


def read_patiently(connection: Connection, lock_timeout_ms: int) -> dict[str, Object]:
    """Read the catalogue, waiting so long for a locked table, and then raising OperationalError, 55P03."""
    connection.execute(
        text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": str(lock_timeout_ms)}
    )
    return read_catalogue(connection)


def keep(connection: Connection, objects: Catalogue, major: int | None = None) -> None:
    """Store `objects` as the fingerprint, in the transaction that `connection` is in.

    `major` is that of the server that rendered them, this one unless told.
    """
    fields = [
        [each.kind, each.name, each.parent, dict(each.facts), each.rendered, each.owner]
        for each in objects.values()
    ]
    connection.execute(
        STORE,
        {
            "revision": label(read_state_on(connection).heads),
            "major": major or server_major(connection),
            "sha256": digest(objects),
            "objects": json.dumps(fields),
        },
    )


def keep_after_step(
    connection: Connection, before: Catalogue, adopts: Collection[str] = (), *, since: str | None
) -> Catalogue:
    """Store what a step left behind, in its own transaction, and return the catalogue as it is now.

    `before` is the catalogue before the step, at the revision `since`. What the step left as it was keeps the
    definition that is stored, so that what was changed outside of a migration is not forgotten; but for the
    keys `adopts`.
    """
    present, known = read_catalogue(connection), stored(connection)
    if known is None or known.revision != since:
        keep(connection, present)
        return present
    same_version = known.major == server_major(connection)
    result: dict[str, Object] = {}
    for key in {**known.objects, **present}:
        old, new = known.objects.get(key), present.get(key)
        untouched = key not in adopts and before.get(key) == new
        # What only another version renders otherwise is taken in this one's spelling from here on.
        only_rendered = not same_version and old is not None and new is not None and old.facts == new.facts
        found = old if untouched and not only_rendered else new
        if found is not None:
            result[key] = found
    keep(connection, result)
    return present


def accept(connection: Connection) -> None:
    """Store the catalogue as it is now, in the transaction that `connection` is in."""
    keep(connection, read_catalogue(connection))


def accept_drift(engine: Engine) -> Drift:
    """Take the present state for the right one, enter that into the ledger, and return what was accepted.

    Raises LedgerUnavailable when the role may not write it, DatabaseBusy when a table is locked.
    """
    ledger.ensure(engine)
    drift = read_drift(engine)
    with engine.begin() as connection:
        if not exists(connection):
            raise LedgerUnavailable("There is no place for a fingerprint.\nNext: flask db drift --accept")
        keep(connection, read_present(connection))
        at = label(read_state_on(connection).heads)
        ledger.record_in(
            connection,
            action="accept",
            revision=at,
            previous=at,
            seconds=0,
            detail={"accepted_drift": [f"{each.what} {each.key}" for each in drift.changes]},
        )
    return drift


def digest(objects: Catalogue) -> str:
    """The SHA-256 of a catalogue, whatever the order it was read in."""
    lines: list[Any] = sorted(
        json.dumps([each.key, dict(each.facts), each.rendered], sort_keys=True) for each in objects.values()
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def server_major(connection: Connection) -> int:
    """The major version of the server behind a connection."""
    return int((connection.dialect.server_version_info or (0,))[0])
