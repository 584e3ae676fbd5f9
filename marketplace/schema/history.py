"""Whether the files still tell what was applied: edited, deleted, renamed and inserted files are named."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from marketplace.schema import checksums
from marketplace.schema.errors import ChecksumMismatch, HistoryBroken
from marketplace.schema.files import RevisionFile, RevisionFiles
from marketplace.schema.plan import label
from marketplace.schema.state import MARKED, Applied, State, stored_source

EDITED, DELETED, RENAMED, INSERTED, UNKNOWN = "edited", "deleted", "renamed", "inserted", "unknown"
MOVED, SKIPPED, REWOUND = "moved", "skipped", "rewound"

# These stop upgrade, downgrade and check; the others are worth a line, and nothing more.
FAULTS = frozenset({EDITED, DELETED, RENAMED, INSERTED, UNKNOWN})
# With these the chain cannot even be read.
UNREADABLE = frozenset({DELETED, RENAMED, UNKNOWN})


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was applied: its kind, the revision, and what to say about it.

    `replacement` is the revision that a renamed file calls itself now.
    """

    kind: str
    revision: str
    message: str
    replacement: str | None = None

    @property
    def is_fault(self) -> bool:
        """Whether it stops a migration."""
        return self.kind in FAULTS


def examine(connection: Connection, state: State, files: RevisionFiles) -> list[Finding]:
    """Compare the files with what `state` says was applied; the gravest findings come first.

    `connection` is used for the stored texts of files that differ. Without a ledger only the chain
    itself can be judged.
    """
    applied = state.applied or {}
    findings = _missing(connection, state, files, applied)
    # A revision that a renamed file stands for must not be called inserted as well.
    stand_ins = {finding.replacement for finding in findings}
    lineage = files.lineage(state.heads)
    for revision in files.in_order(lineage):
        if revision in applied:
            findings += _compare(connection, applied[revision], files[revision])
        elif revision not in stand_ins and _was_inserted(revision, files, lineage, applied):
            findings.append(_inserted(revision, state, files))
    for revision in files.in_order(set(applied) & set(files.by_revision)):
        if revision not in lineage and not findings:
            findings.append(_rewound(applied[revision], state))
    return findings


def require_intact(findings: list[Finding]) -> None:
    """Raises ChecksumMismatch or HistoryBroken with the messages of all faults, if there are any."""
    faults = [finding for finding in findings if finding.is_fault]
    if faults:
        kind = ChecksumMismatch if all(fault.kind == EDITED for fault in faults) else HistoryBroken
        raise kind("\n\n".join(fault.message for fault in faults))


def require_readable(findings: list[Finding]) -> None:
    """Raises HistoryBroken when files are missing without which Alembic cannot read the chain."""
    require_intact([finding for finding in findings if finding.kind in UNREADABLE])


def _missing(
    connection: Connection, state: State, files: RevisionFiles, applied: Mapping[str, Applied]
) -> list[Finding]:
    """Find revisions that were applied, or that a file follows, but that no file defines."""
    gone = dict.fromkeys([*state.heads, *files.missing, *applied])
    return [_gone(connection, each, files, applied) for each in gone if each not in files]


def _gone(
    connection: Connection, revision: str, files: RevisionFiles, applied: Mapping[str, Applied]
) -> Finding:
    stored = stored_source(connection, revision) if applied else None
    when = f"was applied on {_day(applied[revision])}" if revision in applied else "is needed"
    if stored is None:
        if revision in files.missing:
            return Finding(
                UNKNOWN,
                revision,
                f"{files.missing[revision].path.name} follows revision {revision}, which no file defines.\n"
                "Next: bring the file back from version control:"
                " git log --diff-filter=D -- migrations/versions",
            )
        return Finding(
            UNKNOWN,
            revision,
            f"The database is at {revision}, which no file here defines: it was migrated by another version "
            "of the code.\nNext: bring the files up to date (git pull), then flask db check",
        )
    name, source = stored
    for file in files.by_revision.values():
        if file.revision not in applied and checksums.same_but_for_the_name(source, file.source):
            return Finding(
                RENAMED,
                revision,
                f"{file.revision} is revision {revision} renamed: {name} {when}, and {file.path.name} says "
                "the same under another id.\n"
                f"Next: git mv {file.path} {file.path.with_name(name)}\n"
                f"      flask db repair --restore-file {revision}",
                replacement=file.revision,
            )
    return Finding(
        DELETED,
        revision,
        f"Revision {revision} {when}, but its file {name} was deleted.\n"
        f"Next: flask db repair --restore-file {revision}",
    )


def _compare(connection: Connection, applied: Applied, file: RevisionFile) -> list[Finding]:
    findings = []
    if applied.how == MARKED:
        findings.append(
            Finding(
                SKIPPED,
                applied.revision,
                f"{applied.revision} was marked as applied on {_day(applied)} by a stamp, and never ran.",
            )
        )
    if applied.file and applied.file != file.path.name:
        findings.append(
            Finding(
                MOVED,
                applied.revision,
                f"{applied.revision} was applied as {applied.file}, and its file is called {file.path.name}"
                f" now; that does no harm.\nNext: git mv {file.path} {file.path.with_name(applied.file)}",
            )
        )
    if applied.raw_sha256 and applied.raw_sha256 != file.raw_sha256:
        stored = stored_source(connection, applied.revision)
        if stored is not None and not checksums.same_meaning(stored[1], file.source):
            findings.append(_edited(applied, file, stored[1]))
    return findings


def _edited(applied: Applied, file: RevisionFile, stored: str) -> Finding:
    changes = checksums.difference(stored, file.source, file.path.name)
    return Finding(
        EDITED,
        applied.revision,
        f"Migration checksum mismatch: {file.path.name} was edited after being applied on {_day(applied)}.\n"
        f"{changes}\n"
        f"Next: flask db repair --restore-file {applied.revision}   (puts the applied text back)\n"
        "  or: flask db stamp head   (accepts the files as they are, without running them)\n"
        '  or: flask db revision --autogenerate -m "fix checksum"'
        "   (brings the difference as a new revision)",
    )


def _was_inserted(
    revision: str, files: RevisionFiles, lineage: set[str], applied: Mapping[str, Applied]
) -> bool:
    """Whether something above an unrecorded revision is recorded, so that this one came too late."""
    return any(above in applied and revision in files.lineage([above]) - {above} for above in lineage)


def _inserted(revision: str, state: State, files: RevisionFiles) -> Finding:
    file = files[revision]
    above = next(each for each in files.by_revision.values() if revision in each.parents)
    return Finding(
        INSERTED,
        revision,
        f"Revision {revision} ({file.path.name}) was inserted below {label(state.heads)}, which is applied: "
        "it was skipped and will never run.\n"
        f"Next: write down_revision = {_newest(files, revision)!r} into {file.path.name}, and put back what "
        f"{above.path.name} followed:\n      flask db repair --restore-file {above.revision}",
    )


def _newest(files: RevisionFiles, but: str) -> str:
    heads = [head for head in files.heads if head != but]
    return heads[0] if heads else "head"


def _rewound(applied: Applied, state: State) -> Finding:
    return Finding(
        REWOUND,
        applied.revision,
        f"The ledger says that {applied.revision} was applied on {_day(applied)}, but the database is at "
        f"{label(state.heads) or 'base'}: alembic_version was changed by other means.",
    )


def _day(applied: Applied) -> str:
    return applied.at.strftime("%Y-%m-%d %H:%M %Z").strip()


def file_named(directory: Path, name: str) -> Path:
    """Where the file called `name` lies in a migrations folder; `name` comes from the ledger."""
    return directory / "versions" / Path(name).name
