"""The doctor's look at the chain: whether its record, its files and its tables are there, and agree."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy.engine import Connection

from marketplace.schema import history
from marketplace.schema.complaints import Complaint
from marketplace.schema.errors import HistoryBroken
from marketplace.schema.files import RevisionFiles
from marketplace.schema.plan import label, multiple_heads
from marketplace.schema.state import MARKED, State, read_state_on


def look_at_search_path(relations: Iterable[Any], database: str, role: str) -> Iterator[Complaint]:
    """Look whether the tables of public are what is found by their names."""
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


def look_at_chain(
    connection: Connection, files: RevisionFiles, relations: Iterable[Any], database: str
) -> Iterator[Complaint]:
    """Look whether the record of revisions, their files and their tables agree."""
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


def _psql(database: str, statement: str | None) -> str:
    return f'psql {database} -c "{statement}"'
