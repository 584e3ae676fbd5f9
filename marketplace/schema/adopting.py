"""Writes the revision that makes what was changed outside of a migration a part of the chain.

Each of its statements does nothing where it was done by hand already, so that it runs on the database that
drifted as well as on all others; and it says which objects it adopts, so that these count as drift no more.
"""

import pprint
import re
from collections.abc import Iterable
from pathlib import Path

from marketplace.schema.adopting_statements import statements
from marketplace.schema.catalogue import Difference
from marketplace.schema.files import RevisionFiles
from marketplace.schema.naming import next_id

REVISION = '''"""{title}

It was changed outside of a migration, and is made part of the chain by this.
A draft: read it, and put more than one change into more than one revision. What it locks: flask db review

Going down brings back what the last migration had left; {losses}.
"""

from alembic import op

revision = "{revision}"
down_revision = "{parent}"
branch_labels = None
depends_on = None

adopts = {adopts}


def upgrade() -> None:
{up}


def downgrade() -> None:
{down}
'''

# A colon and a word would be taken for a parameter.
PARAMETER = re.compile(r"(?<!:):(?=\w)")


def write_revision(
    changes: Iterable[Difference], files: RevisionFiles, directory: Path, message: str
) -> Path:
    """Write the revision that adopts `changes` behind the only head, and return its file.

    Raises NotWritten for what no statement can be given for.
    """
    found = list(changes)
    revision = next_id(files, message)
    up = statements([(each.before, each.after) for each in found])
    down = statements([(each.after, each.before) for each in found])
    removed = [
        each.key for each in found if each.what == "removed" and each.present.kind in ("table", "column")
    ]
    path = directory / "versions" / f"{revision}.py"
    path.write_text(
        REVISION.format(
            title=message.rstrip(".") + ".",
            losses=f"the rows of {', '.join(removed)} do not come back"
            if removed
            else "no row depends on it",
            revision=revision,
            parent=files.heads[0],
            adopts=_tuple([each.key for each in found]),
            up="\n".join(map(_operation, up)) or "    pass",
            down="\n".join(map(_operation, down)) or "    pass",
        ),
        encoding="utf-8",
    )
    return path


def _tuple(keys: list[str]) -> str:
    written = pprint.pformat(tuple(keys), width=100)
    return "(\n    " + written[1:-1].replace("\n ", "\n    ").rstrip(",") + ",\n)"


def _operation(statement: str) -> str:
    """Return the line, or the lines, by which a revision runs a statement."""
    written = PARAMETER.sub(r"\\:", statement)
    simple = "\n" not in written and "\\" not in written and len(written) < 95 and '"' not in written
    if simple:
        return f'    op.execute("{written}")'
    if '"""' in written or written.endswith('"'):
        return f"    op.execute({written!r})"
    return f'    op.execute(\n        r"""\n{written}\n"""\n    )'
