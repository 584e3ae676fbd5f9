"""Brings the ledger and the maintenance state, which are the site's, into a restored database."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Engine

from marketplace.schema import backfill_progress, backup_files, checksums, clients, fingerprint, ledger
from marketplace.schema.contents import OWN_SCHEMA
from marketplace.schema.plan import label
from marketplace.schema.state import MARKED, RAN, State, read_state, read_state_on, stored_source

UNMARKED = "unmarked"


def carry_over(current: Engine, fresh: Engine, folder: Path, why: str) -> None:
    """Replace our schema in `fresh` by that of `current`, and enter into the ledger what the restore changed.

    The ledger then says of each revision what is true of the restored tables, and the fingerprint is the
    backup's, or the restored tables' where that had none. `folder` is for a file
    that is deleted again; `why` is kept with the entries. Doing it twice changes nothing more.
    """
    as_restored = read_state(fresh)
    sources = _sources(fresh, as_restored)
    with fresh.connect() as connection:
        as_dumped = fingerprint.stored(connection)
        backfills = backfill_progress.read_all(connection)
    with current.connect() as connection:
        known = connection.execute(text("SELECT to_regnamespace(:name)"), {"name": OWN_SCHEMA}).scalar()
    if known is None:
        # What came with the backup, if anything, is all there is.
        return
    programs = clients.find_clients(clients.server_major(current))
    with backup_files.partial_file(folder, OWN_SCHEMA) as partial:
        address, environment = clients.address(current.url)
        clients.run(
            [
                programs.program("pg_dump"),
                "--format=custom",
                "--no-password",
                f"--schema={OWN_SCHEMA}",
                f"--file={partial}",
                f"--dbname={address}",
            ],
            environment,
        )
        with fresh.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {OWN_SCHEMA} CASCADE"))
        address, environment = clients.address(fresh.url)
        clients.run(
            [
                programs.program("pg_restore"),
                "--no-password",
                "--single-transaction",
                f"--dbname={address}",
                str(partial),
            ],
            environment,
        )
    ledger.ensure(fresh)
    _tell_ledger(fresh, as_restored, sources, why)
    with fresh.begin() as connection:
        # How far a backfill is, is true of the backup's rows only.
        backfill_progress.replace_all(connection, backfills)
        if as_dumped is not None and as_dumped.revision == label(as_restored.heads):
            # What had been changed outside of a migration by then is told after the restore, too.
            fingerprint.keep(connection, as_dumped.objects, as_dumped.major)
        else:
            fingerprint.accept(connection)


def _sources(fresh: Engine, state: State) -> dict[str, tuple[str, str]]:
    """Return file name and text of each revision that the backup's own ledger knows as applied."""
    with fresh.connect() as connection:
        found = {revision: stored_source(connection, revision) for revision in state.applied or {}}
    return {revision: stored for revision, stored in found.items() if stored is not None}


def _tell_ledger(fresh: Engine, as_restored: State, sources: dict[str, tuple[str, str]], why: str) -> None:
    """Enter what is applied now and was not, and the other way round."""
    if as_restored.applied is None:
        return
    at = " and ".join(as_restored.heads) or None
    with fresh.begin() as connection:
        carried = read_state_on(connection).applied or {}
        for revision in carried.keys() - as_restored.applied.keys():
            ledger.record_in(
                connection,
                action="repair",
                revision=revision,
                previous=at,
                seconds=0,
                detail={"how": UNMARKED, "why": why},
            )
        for revision, applied in as_restored.applied.items():
            known = carried.get(revision)
            if known is not None and known.raw_sha256 == applied.raw_sha256:
                continue
            name, source = sources.get(revision, (applied.file, None))
            ledger.record_in(
                connection,
                action="repair",
                revision=revision,
                previous=at,
                seconds=0,
                detail={"how": MARKED if applied.how == MARKED else RAN, "why": why},
                file=name,
                source=source,
                raw_sha256=applied.raw_sha256,
                tree_sha256=checksums.tree_sha256(source) if source else None,
            )
