"""The doctor: looks for what may be wrong with a database; says what, where, why it matters, what to type.

It asks the catalogue and the server's own views, and the newest key of each table with a sequence. None of
its questions waits for a lock for long, and none takes one that holds up anybody.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from marketplace.schema import history
from marketplace.schema.contents import plain
from marketplace.schema.errors import HistoryBroken
from marketplace.schema.files import RevisionFiles, read_files
from marketplace.schema.ledger import first_line
from marketplace.schema.plan import label, multiple_heads
from marketplace.schema.state import MARKED, State, read_state_on

LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS = 300, 5000
LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Limits:
    """From when on something is a complaint.

    How long a session may wait for a lock, be idle in a transaction, or see rows that were deleted since;
    how old the oldest transaction's number may be; how much a replication slot may hold back; which share
    of the disk has to be free.
    """

    blocked: timedelta = timedelta(seconds=5)
    idle: timedelta = timedelta(minutes=5)
    snapshot: timedelta = timedelta(hours=1)
    transactions: int = 1_000_000_000
    retained_bytes: int = 1_000_000_000
    free_share: float = 0.05


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong: its kind, what it is, where, why it matters, and the commands that mend it."""

    kind: str
    what: str
    where: str
    why: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Diagnosis:
    """All complaints, the gravest kinds first, and what could not be looked at."""

    database: str
    complaints: tuple[Complaint, ...]
    unknown: tuple[str, ...] = ()


RELATIONS = plain("""
WITH own AS (
    SELECT c.oid, c.relname, c.relkind, n.nspname, c.oid::regclass::text AS shown,
           quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS full_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND n.nspname !~ '^pg_(toast_)?temp_' AND c.relpersistence <> 't'
)
SELECT 'invalid index' AS kind, i.full_name AS place, t.full_name AS of, i.relname AS name,
       CASE WHEN x.indisunique THEN 'unique' END AS more
FROM pg_index x JOIN own i ON i.oid = x.indexrelid JOIN own t ON t.oid = x.indrelid
WHERE NOT x.indisvalid AND i.relkind = 'i'
  -- One that is being built at the moment is not valid yet.
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = x.indexrelid)
UNION ALL
SELECT 'not valid', quote_ident(k.conname), t.full_name, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN own t ON t.oid = k.conrelid
WHERE NOT k.convalidated AND coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true'
UNION ALL
SELECT 'disabled trigger', quote_ident(t.full_name), t.full_name, CASE WHEN bool_or(g.tgisinternal) THEN 'ALL' ELSE
       string_agg(quote_ident(g.tgname), ', ' ORDER BY g.tgname) END, count(*)::text
FROM pg_trigger g JOIN own t ON t.oid = g.tgrelid WHERE g.tgenabled = 'D' GROUP BY t.full_name
UNION ALL
SELECT 'missing grant', t.full_name, current_user, t.relname, string_agg(asked, ', ' ORDER BY place)
FROM own t CROSS JOIN LATERAL (
    SELECT asked, place, CASE t.relkind WHEN 'S' THEN has_sequence_privilege(t.oid, asked)
                         ELSE has_table_privilege(t.oid, asked) END AS may
    FROM unnest(CASE WHEN t.relkind = 'S' THEN '{USAGE}'::text[] WHEN t.relkind IN ('v', 'm') THEN '{SELECT}'
                WHEN t.nspname = 'operations' AND t.relname <> 'ledger' THEN '{SELECT}'
                WHEN t.nspname = 'operations' THEN '{SELECT,INSERT}'
                ELSE '{SELECT,INSERT,UPDATE,DELETE}' END) WITH ORDINALITY AS wanted(asked, place)
) rights
WHERE t.relkind IN ('r', 'p', 'v', 'm', 'S') AND t.nspname IN ('public', 'operations') AND NOT may
GROUP BY t.full_name, t.relname
UNION ALL
SELECT 'missing grant', 'SCHEMA ' || quote_ident(nspname), current_user, nspname, 'USAGE'
FROM pg_namespace WHERE nspname IN ('public', 'operations') AND NOT has_schema_privilege(oid, 'USAGE')
UNION ALL
SELECT 'search path', t.full_name, current_setting('search_path'), t.relname,
       (SELECT source FROM pg_settings WHERE name = 'search_path')
FROM own t WHERE t.relkind IN ('r', 'p') AND t.nspname = 'public' AND to_regclass(quote_ident(t.relname)) IS DISTINCT FROM t.oid
UNION ALL
SELECT 'other schema', t.full_name, current_setting('search_path'), t.nspname, NULL
FROM own t WHERE t.relname = 'alembic_version' AND t.nspname <> 'public' AND to_regclass('public.alembic_version') IS NULL
UNION ALL
SELECT 'table', t.full_name, t.nspname, t.relname, NULL FROM own t WHERE t.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 1, 2
""")  # noqa: E501 - a question is read best with a line for each fact.

SESSIONS = text("""
SELECT 'blocked' AS kind, a.pid, a.usename AS role, a.application_name AS application, a.state,
       clock_timestamp() - coalesce(min(l.waitstart), a.query_start) AS since, left(a.query, 80) AS query,
       pg_blocking_pids(a.pid) AS by, NULL::bigint AS amount
FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
GROUP BY a.pid, a.usename, a.application_name, a.state, a.query_start, a.query
UNION ALL
SELECT CASE WHEN state LIKE 'idle in transaction%' THEN 'idle in transaction' ELSE 'old snapshot' END, pid, usename,
       application_name, state, clock_timestamp() - CASE WHEN state LIKE 'idle in transaction%' THEN state_change
       ELSE xact_start END, left(query, 80), NULL,
       (SELECT sum(n_dead_tup)::bigint FROM pg_stat_user_tables)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
  AND (state LIKE 'idle in transaction%' OR backend_xmin IS NOT NULL) AND backend_type = 'client backend'
UNION ALL
SELECT 'prepared transaction', NULL, owner, gid, NULL, clock_timestamp() - prepared, NULL, NULL, NULL
FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL
SELECT 'replication slot', active_pid, NULL, slot_name, coalesce(wal_status, ''), NULL,
       CASE WHEN xmin IS NOT NULL OR catalog_xmin IS NOT NULL THEN 'rows' END, NULL,
       CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END
FROM pg_replication_slots WHERE NOT active AND NOT temporary
ORDER BY 1, 2
""")  # noqa: E501 - a question is read best with a line for each fact.

SERVER = text("""
SELECT current_database() AS database, current_user AS role, age(d.datfrozenxid) AS transactions,
       d.datcollversion AS collation_was, pg_database_collation_actual_version(d.oid) AS collation_is,
       ARRAY(SELECT c.oid::regcollation::text FROM pg_collation c
             WHERE c.collversion IS DISTINCT FROM pg_collation_actual_version(c.oid) AND c.collversion IS NOT NULL
               -- Those of the server itself do not count, nor what only they are in use for.
               AND EXISTS (SELECT FROM pg_attribute WHERE attcollation = c.oid AND attrelid >= 16384)) AS collations,
       (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS folder
FROM pg_database d WHERE datname = current_database()
""")  # noqa: E501 - a question is read best with a line for each fact.

SEQUENCES = plain("""
SELECT s.oid::bigint AS sequence, s.oid::regclass::text AS name, t.oid::regclass::text AS table_name,
       quote_ident(a.attname) AS column_name
FROM pg_sequence q JOIN pg_class s ON s.oid = q.seqrelid
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
  AND d.refclassid = 'pg_class'::regclass
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE q.seqincrement > 0 AND NOT q.seqcycle AND t.relkind IN ('r', 'p')
  AND has_table_privilege(t.oid, 'SELECT')
  AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') END
  AND t.relnamespace <> coalesce(to_regnamespace('operations'), 0)
  -- Only where the newest key is found by an index.
  AND EXISTS (SELECT FROM pg_index WHERE indrelid = t.oid AND indkey[0] = a.attnum AND indisvalid AND indpred IS NULL)
ORDER BY 2
""")  # noqa: E501 - a question is read best with a line for each fact.


def diagnose(engine: Engine, directory: Path, limits: Limits | None = None) -> Diagnosis:
    """Look at the engine's database and the files in `directory`. It only reads.

    Raises HistoryBroken when a file is not Python, and whatever the driver does when the database is away.
    """
    limits = limits or Limits()
    files = read_files(directory)
    unknown: list[str] = []
    with engine.connect() as connection:
        for name, value in (("lock_timeout", LOCK_TIMEOUT_MS), ("statement_timeout", STATEMENT_TIMEOUT_MS)):
            connection.execute(
                text("SELECT set_config(:name, :value, true)"), {"name": name, "value": str(value)}
            )
        server = connection.execute(SERVER).one()
        relations = connection.execute(RELATIONS).all()
        complaints = [
            *_search_path(relations, str(server.database), str(server.role)),
            *_chain(connection, files, relations, str(server.database)),
            *_grants(relations),
            *_relations(relations),
            *_sequences(connection, unknown),
            *_sessions(connection.execute(SESSIONS), limits),
            *_server(server, limits),
            *_disk(server.folder, engine, limits, unknown),
        ]
        connection.rollback()
    return Diagnosis(str(server.database), tuple(complaints), tuple(unknown))


def _search_path(relations: Iterable[Any], database: str, role: str) -> Iterator[Complaint]:
    hidden = [each for each in relations if each.kind == "search path"]
    if hidden:
        path, source = hidden[0].of, hidden[0].more
        reset = {
            "database": f"ALTER DATABASE {database} RESET search_path",
            "user": f"ALTER ROLE {role} RESET search_path",
            "database user": f"ALTER ROLE {role} IN DATABASE {database} RESET search_path",
        }.get(source)
        names = ", ".join(each.place for each in hidden[:3])
        more = f" and {len(hidden) - 3} more" if len(hidden) > 3 else ""
        yield Complaint(
            "search path",
            f"the search_path is {path or 'empty'}, in which public's tables are not found "
            f"first: {names}{more}",
            f"set by {source}",
            "statements end in “relation does not exist”, or use another table of the same name",
            (_psql(database, reset),)
            if reset
            else (f"take search_path out of the {source} (DATABASE_URL, PGOPTIONS or postgresql.conf)",),
        )
    for each in relations:
        if each.kind == "other schema":
            yield Complaint(
                "other schema",
                f"the record of revisions lies in the schema {each.name}, and public has none",
                each.place,
                "the migrations were run under another search_path, so the site finds no tables",
                (
                    _psql(database, f"ALTER ROLE {role} RESET search_path"),
                    _psql(database, f"DROP SCHEMA {each.name} CASCADE") + "   (when nothing in it is needed)",
                    "flask db upgrade head",
                ),
            )


def _chain(
    connection: Connection, files: RevisionFiles, relations: Iterable[Any], database: str
) -> Iterator[Complaint]:
    # With a wrong search_path, the record of revisions is not found either, and nothing is known of it.
    if any(each.kind in ("search path", "other schema") for each in relations):
        return
    state = read_state_on(connection)
    try:
        findings = history.examine(connection, state, files)
    except HistoryBroken as error:
        yield _told("history", "revision files", str(error), "no migration runs until that is settled")
        return
    for finding in findings:
        if finding.is_fault or finding.kind == history.REWOUND:
            yield _told(
                "checksum" if finding.kind == history.EDITED else "history",
                finding.revision,
                finding.message,
                "no migration runs until that is settled"
                if finding.is_fault
                else "steps would be run again, or undone that were not taken",
            )
    # A file that is missing leaves what it followed as a head, which is nothing to merge.
    if len(files.heads) > 1 and not files.missing:
        heads = multiple_heads({head: files[head].path for head in files.heads})
        yield _told(
            "heads", " and ".join(files.heads), str(heads), "upgrade does not know which one to follow"
        )
    yield from _missing_tables(files, state, relations)
    pending = files.in_order(set(files.by_revision) - files.lineage(state.heads))
    if pending and not findings and len(files.heads) == 1:
        yield Complaint(
            "pending",
            f"{len(pending)} of {len(files.by_revision)} revisions are pending, from {pending[0]} on",
            f"{database} is at {label(state.heads) or 'base'}",
            "the code expects tables and columns that are not there yet",
            ("flask db upgrade head",),
        )


def _missing_tables(files: RevisionFiles, state: State, relations: Iterable[Any]) -> Iterator[Complaint]:
    """Find tables that applied revisions create, that none after them drops, and that are not there."""
    there = {each.name for each in relations if each.kind == "table"}
    lineage = files.in_order(files.lineage(state.heads))
    expected: dict[str, str] = {}
    for revision in lineage:
        expected |= dict.fromkeys(files[revision].tables_created, revision)
        for table in files[revision].tables_dropped:
            expected.pop(table, None)
    gone: dict[str, list[str]] = {}
    for table, revision in expected.items():
        if table not in there:
            gone.setdefault(revision, []).append(table)
    for revision, tables in gone.items():
        known = (state.applied or {}).get(revision)
        below = files[revision].parents[0] if files[revision].parents else "base"
        if known is not None and known.how == MARKED:
            yield Complaint(
                "stamped",
                f"{revision} was stamped, and never ran: {', '.join(tables)} is not there",
                files[revision].path.name,
                "pages end in “relation does not exist”, and so does the next revision that needs it",
                (f"flask db stamp {below}", "flask db upgrade head"),
            )
        else:
            yield Complaint(
                "missing table",
                f"{', '.join(tables)} is not there, though {revision} created it: it was "
                "dropped by other means",
                files[revision].path.name,
                "pages end in “relation does not exist”, and so does the next revision that needs it",
                ("flask db backups", "flask db restore FILE"),
            )


def _told(kind: str, where: str, message: str, why: str) -> Complaint:
    """A complaint of a message that says itself what to type."""
    what, _, commands = message.partition("\nNext: ")
    return Complaint(
        kind, what, where, why, tuple(line.strip() for line in commands.splitlines()) or ("flask db log",)
    )


def _grants(relations: Iterable[Any]) -> Iterator[Complaint]:
    for each in relations:
        if each.kind == "missing grant":
            target = each.place
            sequence = "SEQUENCE " if each.more == "USAGE" and not target.startswith("SCHEMA ") else ""
            yield Complaint(
                "missing grant",
                f"{each.of} lacks {each.more}",
                each.place,
                "pages that use it end in “permission denied”",
                (f"GRANT {each.more} ON {sequence}{target} TO {each.of};   (as its owner)",),
            )


def _relations(relations: Iterable[Any]) -> Iterator[Complaint]:
    for each in relations:
        if each.kind == "invalid index":
            again = (f"REINDEX INDEX CONCURRENTLY {each.place};",)
            if each.name.endswith(("_ccnew", "_ccold")):
                again = (f"DROP INDEX CONCURRENTLY {each.place};",)
            yield Complaint(
                "invalid index",
                f"the index {each.place} is invalid: its build was interrupted",
                each.of,
                "no query uses it and every write keeps it up"
                + (", and what is to be unique is not" if each.more else ""),
                again,
            )
        elif each.kind == "not valid":
            yield Complaint(
                "not valid",
                f"the constraint {each.place} was never validated",
                each.of,
                "rows from before it may break it, and the planner does not rely on it",
                (f"ALTER TABLE {each.of} VALIDATE CONSTRAINT {each.place};",),
            )
        elif each.kind == "disabled trigger":
            yield Complaint(
                "disabled trigger",
                f"{each.more} triggers of {each.of} are disabled ({each.name})",
                each.of,
                "foreign keys and counts are not kept up while they are",
                (f"ALTER TABLE {each.of} ENABLE TRIGGER {each.name.split(', ')[0]};", "flask db verify"),
            )


def _sequences(connection: Connection, unknown: list[str]) -> Iterator[Complaint]:
    found = connection.execute(SEQUENCES).all()
    if not found:
        return
    # One statement: the newest keys are of an instant before the sequences are read, which only grow.
    questions = [
        f"SELECT {number} AS place,"  # noqa: S608 - its names are quoted by the server.
        f" (SELECT max({each.column_name}) FROM {each.table_name})::bigint AS newest,"
        f" pg_sequence_last_value({each.sequence}) AS given,"
        f" (SELECT seqstart - 1 FROM pg_sequence WHERE seqrelid = {each.sequence}) AS start"
        for number, each in enumerate(found)
    ]
    try:
        with connection.begin_nested():
            rows = connection.execute(plain(" UNION ALL ".join(questions))).all()
    except DBAPIError as error:
        unknown.append(f"the sequences: {first_line(error)}")
        return
    for row in rows:
        each, given = found[row.place], row.given if row.given is not None else row.start
        if row.newest is not None and row.newest > given:
            yield Complaint(
                "sequence",
                f"the sequence {each.name} is at {given}, and the table has {row.newest}",
                f"{each.table_name}.{each.column_name}",
                "new rows end in “duplicate key value” until it has caught up",
                (
                    f"SELECT setval('{each.name}', (SELECT max({each.column_name}) FROM {each.table_name}));",  # noqa: S608
                ),
            )


def _sessions(rows: Iterable[Any], limits: Limits) -> Iterator[Complaint]:
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


def _server(server: Any, limits: Limits) -> Iterator[Complaint]:
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


def _disk(folder: str | None, engine: Engine, limits: Limits, unknown: list[str]) -> Iterator[Complaint]:
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


def _psql(database: str, statement: str | None) -> str:
    return f'psql {database} -c "{statement}"'
