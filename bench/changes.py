"""Changes of the schema, each written as the guide says and as plain Alembic would have it made."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

REVISION = '''"""{what}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{parent}"
branch_labels = None
depends_on = None


def upgrade() -> None:
{up}


def downgrade() -> None:
{down}
'''

CHECK = "ck_listings_bench_title"
NOT_NULL = "ck_listings_bench_size"
KEY = "fk_listing_items_bench"


@dataclass(frozen=True)
class Step:
    """One revision: what goes up and what goes down."""

    up: str
    down: str


@dataclass(frozen=True)
class Change:
    """A change in as many revisions as the guide wants, and in one as it comes out of a first draft."""

    what: str
    ours: tuple[Step, ...]
    plain: Step


def concurrently(statement: str) -> str:
    """Return an operation outside of a transaction."""
    return f"with op.get_context().autocommit_block():\n    {statement}"


def run(statement: str) -> str:
    """Return the operation that runs a statement."""
    return f'op.execute("{statement}")'


COLUMN = Step(
    'op.add_column("listings", sa.Column("bench_note", sa.Text(), server_default="none", nullable=False))',
    'op.drop_column("listings", "bench_note")',
)
# Without op.f the project's naming convention puts another beginning before the name.
DROP_CHECK = f'op.drop_constraint(op.f("{CHECK}"), "listings", type_="check")'
DROP_KEY = f'op.drop_constraint("{KEY}", "listing_items", type_="foreignkey")'
ADD_KEY = (
    f'op.create_foreign_key("{KEY}", "listing_items", "listings", ["listing_id"], ["id"], '
    'ondelete="CASCADE"{more})'
)
NULLABLE = 'op.alter_column("listings", "bench_size", nullable=True)'

CHANGES = (
    Change("Add a column with a default", (COLUMN,), COLUMN),
    Change(
        "Add an index",
        (
            Step(
                concurrently(
                    'op.create_index("ix_bench", "listings", ["title"], postgresql_concurrently=True)'
                ),
                concurrently('op.drop_index("ix_bench", "listings", postgresql_concurrently=True)'),
            ),
        ),
        Step(
            'op.create_index("ix_bench", "listings", ["title"])',
            'op.drop_index("ix_bench", "listings")',
        ),
    ),
    Change(
        "Add a CHECK",
        (
            Step(
                run(f"ALTER TABLE listings ADD CONSTRAINT {CHECK} CHECK (length(title) > 0) NOT VALID"),
                DROP_CHECK,
            ),
            Step(run(f"ALTER TABLE listings VALIDATE CONSTRAINT {CHECK}"), "pass"),
        ),
        Step(f'op.create_check_constraint(op.f("{CHECK}"), "listings", "length(title) > 0")', DROP_CHECK),
    ),
    Change(
        "Set NOT NULL",
        (
            Step(
                run(
                    f"ALTER TABLE listings ADD CONSTRAINT {NOT_NULL} CHECK (bench_size IS NOT NULL) NOT VALID"
                ),
                run(f"ALTER TABLE listings DROP CONSTRAINT {NOT_NULL}"),
            ),
            Step(run(f"ALTER TABLE listings VALIDATE CONSTRAINT {NOT_NULL}"), "pass"),
            # With a valid CHECK that says the same, PostgreSQL does not look at the rows.
            Step('op.alter_column("listings", "bench_size", nullable=False)', NULLABLE),
        ),
        Step('op.alter_column("listings", "bench_size", nullable=False)', NULLABLE),
    ),
    Change(
        "Add a foreign key",
        (
            Step(ADD_KEY.format(more=", postgresql_not_valid=True"), DROP_KEY),
            Step(run(f"ALTER TABLE listing_items VALIDATE CONSTRAINT {KEY}"), "pass"),
        ),
        Step(ADD_KEY.format(more=""), DROP_KEY),
    ),
)

# What is there before anything is measured: a column for NOT NULL.
BEFORE = "ALTER TABLE listings ADD COLUMN bench_size text DEFAULT 'small'"


def write(steps: tuple[Step, ...], versions: Path, parent: str) -> None:
    """Write the steps as revisions that follow `parent`, in the place of those of another change."""
    for old in versions.glob("99*_bench.py"):
        old.unlink()
    for number, step in enumerate(steps, start=9901):
        revision = f"{number}_bench"
        text = REVISION.format(
            what="Measure",
            revision=revision,
            parent=parent,
            up=indent(step.up, "    "),
            down=indent(step.down, "    "),
        )
        (versions / f"{revision}.py").write_text(text)
        parent = revision
