"""The SQL of one revision, without running it."""

from dataclasses import dataclass

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Dialect

from marketplace.schema import backfill  # noqa: F401 - it adds op.backfill to Alembic's operations.
from marketplace.schema.errors import SchemaError
from marketplace.schema.plan import Step
from marketplace.schema.statements import Statement, split


@dataclass(frozen=True)
class Rendered:
    """What a step will send. `unreadable` says why it was not worked out to the end, else it is empty."""

    step: Step
    statements: tuple[Statement, ...]
    unreadable: str

    @property
    def sql(self) -> str:
        """The statements as one script."""
        return "".join(f"{statement.text};\n" for statement in self.statements)


class _Lines:
    """Collects what Alembic writes."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> None:
        self.written.append(text)

    def flush(self) -> None:
        """Everything is in memory already."""


def render(config: Config, step: Step, dialect: Dialect) -> Rendered:
    """Return the SQL of one step, as `--sql` would print it. Nothing is sent to a database.

    A revision that reads rows to decide what to do cannot be rendered; it is unreadable from there on.
    Raises a SchemaError for one whose words are refused.
    """
    lines = _Lines()
    # Where values are marked by a per cent sign, each in the text is written twice.
    context = MigrationContext.configure(
        dialect=type(dialect)(paramstyle="named"),  # type: ignore[call-arg]
        opts={"as_sql": True, "output_buffer": lines, "literal_binds": True},
    )
    module = ScriptDirectory.from_config(config).get_revision(step.revision).module
    unreadable = ""
    try:
        with Operations.context(context):
            getattr(module, step.direction)()
    except SchemaError:
        # It can be run as little as rendered.
        raise
    except Exception as error:
        # Whatever a revision's own code raises without a database: it has to be read by a person.
        unreadable = f"{step.path.name} decides by what it reads ({type(error).__name__})"
    return Rendered(step, tuple(split("".join(lines.written))), unreadable)
