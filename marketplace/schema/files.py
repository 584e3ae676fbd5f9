"""The revision files, read without running them, so that a broken chain can be told before it is loaded."""

import ast
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from marketplace.schema.errors import HistoryBroken

# The attributes by which a file says what it is and where it stands.
IDENTITY = ("revision", "down_revision", "depends_on")


@dataclass(frozen=True)
class RevisionFile:
    """One file: its revision, the ones it follows (`parents`) or merely depends on, and its text."""

    revision: str
    parents: tuple[str, ...]
    dependencies: tuple[str, ...]
    path: Path
    source: str

    @cached_property
    def raw_sha256(self) -> str:
        """The checksum of the text, whose line ends do not count: version control may change them."""
        return checksum(self.source)

    @cached_property
    def title(self) -> str:
        """The first line of its docstring."""
        lines = (ast.get_docstring(ast.parse(self.source)) or "").splitlines()
        return lines[0] if lines else self.path.name

    @cached_property
    def adopts(self) -> tuple[str, ...]:
        """The keys of what was changed outside of a migration and becomes part of the chain by this."""
        return _as_ids(_literals(self.source, ("adopts",)).get("adopts"))

    @cached_property
    def tables_created(self) -> tuple[str, ...]:
        """The tables whose creation it spells as `op.create_table("…")` in its upgrade."""
        return self._tables("create_table")

    @cached_property
    def tables_dropped(self) -> tuple[str, ...]:
        """The tables that its upgrade drops or renames: `op.drop_table("…")`, `op.rename_table("…")`."""
        return self._tables("drop_table") + self._tables("rename_table")

    def _tables(self, operation: str) -> tuple[str, ...]:
        functions = [
            node
            for node in ast.parse(self.source).body
            if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
        ]
        return tuple(
            call.args[0].value
            for function in functions
            for call in ast.walk(function)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == operation
            and call.args
            and isinstance(call.args[0], ast.Constant)
            and isinstance(call.args[0].value, str)
        )


class RevisionFiles:
    """All revision files of a `migrations/` folder, by revision."""

    def __init__(self, files: Iterable[RevisionFile]) -> None:
        self.by_revision: dict[str, RevisionFile] = {}
        for file in files:
            twin = self.by_revision.setdefault(file.revision, file)
            if twin is not file:
                raise HistoryBroken(
                    f"Two files define revision {file.revision}: {twin.path.name} and {file.path.name}.\n"
                    f"Next: remove the one that version control does not know: git status {file.path.parent}"
                )

    def __contains__(self, revision: object) -> bool:
        return revision in self.by_revision

    def __getitem__(self, revision: str) -> RevisionFile:
        return self.by_revision[revision]

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The revisions that no other follows; more than one means that branches need a merge."""
        followed = {parent for file in self.by_revision.values() for parent in file.parents}
        return tuple(sorted(set(self.by_revision) - followed))

    @cached_property
    def missing(self) -> dict[str, RevisionFile]:
        """The revisions that a file follows but none defines, each with one file that follows it."""
        return {
            needed: file
            for file in self.by_revision.values()
            for needed in (*file.parents, *file.dependencies)
            if needed not in self.by_revision
        }

    def lineage(self, revisions: Iterable[str]) -> set[str]:
        """The given revisions and all below them, which is what a database at `revisions` has applied."""
        found: set[str] = set()
        waiting = list(revisions)
        while waiting:
            revision = waiting.pop()
            if revision in found or revision not in self.by_revision:
                continue
            found.add(revision)
            file = self.by_revision[revision]
            waiting += [*file.parents, *file.dependencies]
        return found

    def in_order(self, revisions: Iterable[str]) -> list[str]:
        """The given revisions, each after all that it builds on."""
        return sorted(revisions, key=lambda revision: (len(self.lineage([revision])), revision))

    def creator_of(self, table: str) -> RevisionFile | None:
        """The newest file that creates `table`."""
        creators = [file for file in self.by_revision.values() if table in file.tables_created]
        return max(creators, key=lambda file: len(self.lineage([file.revision])), default=None)


def read_files(directory: Path) -> RevisionFiles:
    """Read the files under `directory`/versions.

    Raises HistoryBroken for a file that is not Python, and for two files with the same revision.
    """
    files = []
    for path in sorted((directory / "versions").glob("*.py")):
        file = read_file(path)
        if file is not None:
            files.append(file)
    return RevisionFiles(files)


def read_file(path: Path) -> RevisionFile | None:
    """Read one file; None when it defines no revision. Raises HistoryBroken when it cannot be read."""
    try:
        source = path.read_text(encoding="utf-8-sig")
        values = _literals(source, IDENTITY)
    except (SyntaxError, UnicodeDecodeError) as error:
        where = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        raise HistoryBroken(
            f"{path.name} is not valid Python{where}, so the chain of revisions cannot be read.\n"
            f"Next: see what changed in it: git diff {path}"
        ) from error
    if not isinstance(values.get("revision"), str):
        return None
    return RevisionFile(
        revision=str(values["revision"]),
        parents=_as_ids(values.get("down_revision")),
        dependencies=_as_ids(values.get("depends_on")),
        path=path,
        source=source,
    )


def checksum(source: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(source.encode()).hexdigest()


def _literals(source: str, names: tuple[str, ...]) -> dict[str, object]:
    """The literal values that a file gives to `names`."""
    values: dict[str, object] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id in names:
                try:
                    values[target.id] = ast.literal_eval(value)
                except ValueError:
                    continue
    return values


def _as_ids(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in value) if isinstance(value, list | tuple | set) else ()
