"""Which revisions the files define, and which of them a database still lacks."""

from dataclasses import dataclass
from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory


@dataclass(frozen=True)
class Chain:
    """The revisions in the order in which they apply: `ids`, oldest first."""

    ids: tuple[str, ...]

    @property
    def head(self) -> str:
        """The newest revision."""
        return self.ids[-1]

    def pending_after(self, revision: str | None) -> tuple[str, ...]:
        """The ids that a database at `revision` lacks: all for None; none for a revision unknown here."""
        if revision is None:
            return self.ids
        if revision not in self.ids:
            return ()
        return self.ids[self.ids.index(revision) + 1 :]


@cache
def read_chain(directory: str) -> Chain:
    """Read the revision files under `directory` (the `migrations/` folder), once in a process's life."""
    config = Config()
    config.set_main_option("script_location", directory.replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    return Chain(tuple(reversed([revision.revision for revision in script.walk_revisions()])))
