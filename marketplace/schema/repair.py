"""Puts the applied text of a revision's file back, from the ledger."""

from pathlib import Path

from sqlalchemy.engine import Engine

from marketplace.schema import ledger
from marketplace.schema.checksums import tree_sha256
from marketplace.schema.errors import SchemaError
from marketplace.schema.files import checksum, read_files
from marketplace.schema.history import Finding, examine, file_named
from marketplace.schema.plan import label
from marketplace.schema.state import RAN, read_state_on, stored_source


def findings(engine: Engine, directory: Path) -> list[Finding]:
    """Return what is not as it was applied."""
    files = read_files(directory)
    with engine.connect() as connection:
        return examine(connection, read_state_on(connection), files)


def put_back(engine: Engine, directory: Path, revision: str) -> Path:
    """Write the stored text of `revision` to its file, enter that into the ledger, and return the file.

    `revision` may be the beginning of one. Raises SchemaError when the ledger has no such text.
    """
    with engine.begin() as connection:
        state = read_state_on(connection)
        known = sorted(each for each in state.applied or {} if each.startswith(revision))
        if len(known) != 1:
            have = ", ".join(known or sorted(state.applied or {})) or "nothing"
            raise SchemaError(
                f"The ledger has no single text of {revision}: it has {have}.\nNext: flask db log"
            )
        stored = stored_source(connection, known[0])
        if stored is None:
            raise SchemaError(f"The ledger keeps no text of {known[0]}.\nNext: flask db log")
        name, source = stored
        path = file_named(directory, name)
        path.write_text(source, encoding="utf-8")
        applied = (state.applied or {})[known[0]]
        ledger.record_in(
            connection,
            action="repair",
            revision=known[0],
            previous=label(state.heads),
            seconds=0,
            detail={"how": applied.how or RAN, "restored": name},
            file=name,
            source=source,
            raw_sha256=checksum(source),
            tree_sha256=tree_sha256(source),
        )
    return path
