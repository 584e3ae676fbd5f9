"""The doctor's look at the server: who holds others up, what runs out, and what changed below the indexes."""

import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy.engine import Engine

from marketplace.schema.complaints import Complaint, Limits

LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})


def look_at_sessions(rows: Iterable[Any], limits: Limits) -> Iterator[Complaint]:
    """Look for whoever holds up others, and keeps what could be vacuumed."""
    for each in rows:
        who = f"process {each.pid} of {each.role}{f' ({each.application})' if each.application else ''}"
        if each.kind == "blocked" and each.since > limits.blocked:
            by = ", ".join(map(str, each.by)) or "nobody any more"
            yield Complaint(
                "blocked",
                f"{who} has waited {_span(each.since)} for a lock that {by} holds",
                each.query,
                "what it is to do does not happen, and others queue behind it",
                tuple(f"SELECT pg_terminate_backend({pid});   (ends process {pid})" for pid in each.by)
                or ("flask db doctor",),
            )
        elif (each.kind == "idle in transaction" and each.since > limits.idle) or (
            each.kind == "old snapshot" and each.since > limits.snapshot
        ):
            state = (
                "has been idle in a transaction for" if each.kind == "idle in transaction" else "has run for"
            )
            yield Complaint(
                each.kind,
                f"{who} {state} {_span(each.since)}",
                each.query,
                "its locks stay, and no vacuum removes rows that were deleted since "
                f"({each.amount or 0:,} are dead)",
                (f"SELECT pg_terminate_backend({each.pid});",),
            )
        elif each.kind == "prepared transaction" and each.since > limits.idle:
            yield Complaint(
                each.kind,
                f"the transaction {each.application} of {each.role} was prepared "
                f"{_span(each.since)} ago and never ended",
                "pg_prepared_xacts",
                "its locks stay, even over a restart, and no vacuum removes rows that were deleted since",
                (f"ROLLBACK PREPARED '{each.application}';",),
            )
        elif each.kind == "replication slot" and (
            each.query == "rows" or each.state == "lost" or (each.amount or 0) > limits.retained_bytes
        ):
            yield Complaint(
                each.kind,
                f"nobody reads the replication slot {each.application}, which holds back "
                f"{(each.amount or 0) / 1e6:,.0f} MB",
                "pg_replication_slots",
                "the disk fills with what is kept for it, and no vacuum removes what it still wants to see",
                (
                    f"SELECT pg_drop_replication_slot('{each.application}');   (when its "
                    "reader is gone for good)",
                ),
            )


def look_at_server(server: Any, limits: Limits) -> Iterator[Complaint]:
    """Look for what the whole server runs out of, and for collations that are other versions now."""
    if server.transactions > limits.transactions:
        yield Complaint(
            "wraparound",
            f"the oldest transaction's number is {server.transactions:,} transactions old",
            server.database,
            "the server stops taking writes at about 2,100,000,000",
            (f"vacuumdb --freeze {server.database}",),
        )
    if server.collation_was != server.collation_is and None not in (
        server.collation_was,
        server.collation_is,
    ):
        yield _collation(
            f"the database's collation was {server.collation_was} when its indexes were built, and is "
            f"{server.collation_is} now",
            server.database,
            f"ALTER DATABASE {server.database} REFRESH COLLATION VERSION;",
        )
    for name in server.collations:
        yield _collation(
            f"the collation {name} is another version than when its indexes were built",
            server.database,
            f"ALTER COLLATION {name} REFRESH VERSION;",
        )


def _collation(what: str, database: str, refresh: str) -> Complaint:
    return Complaint(
        "collation",
        what,
        database,
        "the order of texts may have changed, so that indexes miss rows and let duplicates in",
        (f"REINDEX DATABASE CONCURRENTLY {database};", refresh),
    )


def look_at_disk(
    folder: str | None, engine: Engine, limits: Limits, unknown: list[str]
) -> Iterator[Complaint]:
    """Look how much of the disk is free; `unknown` is told when that is not to be seen."""
    host = str(engine.url.query.get("host") or engine.url.host or "")
    here = host.startswith("/") or host in LOCAL
    try:
        if folder is None or not here:
            raise OSError
        disk = os.statvfs(folder)
    except OSError:
        reason = (
            "this role may not see where it is" if folder is None else f"{folder} is not to be seen from here"
        )
        unknown.append(f"the disk of the data directory: {reason}")
        return
    share = disk.f_bavail / max(disk.f_blocks, 1)
    if share < limits.free_share:
        yield Complaint(
            "disk",
            f"{share:.1%} of the disk is free ({disk.f_bavail * disk.f_frsize / 1e6:,.0f} MB)",
            folder,
            "a full disk stops the server, and a backup or a migration needs room beside the data",
            (
                f"df --human-readable {folder}",
                "flask db discard   (lists what restores left)",
                "flask db backups",
            ),
        )


def _span(since: timedelta) -> str:
    seconds = int(since.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
