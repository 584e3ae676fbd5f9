"""Two texts mean the same exactly when they do the same, as far as their form tells."""

import pytest

from marketplace.schema.checksums import difference, same_but_for_the_name, same_meaning, tree_sha256

SOURCE = '''"""Do something."""

import sqlalchemy as sa
from alembic import op

revision = "a"
down_revision = None


def upgrade() -> None:
    op.add_column("users", sa.Column("note", sa.String(length=20), nullable=True))


def downgrade() -> None:
    pass
'''

SAME = {
    "comment": SOURCE.replace("def upgrade", "# Why not.\ndef upgrade"),
    "docstring": SOURCE.replace("Do something.", "Do it."),
    "docstring instead of pass": SOURCE.replace("    pass", '    """Nothing to do."""'),
    "comment and pass": SOURCE.replace("    pass", "    # Nothing to do.\n    pass"),
    "quotes": SOURCE.replace('"users"', "'users'"),
    "trailing comma": SOURCE.replace("nullable=True))", "nullable=True),)"),
    "wrapped": SOURCE.replace('op.add_column("users", ', 'op.add_column(\n        "users",\n        '),
    "line ends": SOURCE.replace("\n", "\r\n"),
    "imports sorted": SOURCE.replace(
        "import sqlalchemy as sa\nfrom alembic import op", "from alembic import op\nimport sqlalchemy as sa"
    ),
    "unused import": SOURCE.replace("from alembic", "import os\nfrom alembic"),
    "annotated": SOURCE.replace('revision = "a"', 'revision: str = "a"'),
    "split text": SOURCE.replace('"users"', '"us" "ers"'),
    "number written otherwise": SOURCE.replace("20", "0x14"),
}
OTHER = {
    "length": SOURCE.replace("20", "21"),
    "name": SOURCE.replace('"note"', '"notes"'),
    "parent": SOURCE.replace("None\n\n\ndef upgrade", '"b"\n\n\ndef upgrade'),
    "statement added": SOURCE.replace("    pass", '    op.drop_column("users", "note")'),
    "statement removed": SOURCE.replace("    op.add_column", "    pass  # op.add_column"),
    "other module by the same name": SOURCE.replace("import sqlalchemy as sa", "import other as sa"),
    "swapped names": SOURCE.replace("def upgrade", "def x")
    .replace("def downgrade", "def upgrade")
    .replace("def x", "def downgrade"),
    "not Python": SOURCE + "\n(",
}


@pytest.mark.parametrize("change", SAME)
def test_same(change):
    assert SAME[change] != SOURCE
    assert same_meaning(SOURCE, SAME[change])
    assert tree_sha256(SOURCE) == tree_sha256(SAME[change])


@pytest.mark.parametrize("change", OTHER)
def test_other(change):
    assert OTHER[change] != SOURCE
    assert not same_meaning(SOURCE, OTHER[change])


def test_only_the_name_differs():
    renamed = SOURCE.replace('revision = "a"', 'revision = "z"')
    assert not same_meaning(SOURCE, renamed)
    assert same_but_for_the_name(SOURCE, renamed)
    assert not same_but_for_the_name(SOURCE, OTHER["length"])


def test_difference_shows_the_changed_lines():
    lines = difference(SOURCE, OTHER["length"], "a.py").splitlines()
    assert lines[:2] == ["--- a.py (as applied)", "+++ a.py (now)"]
    assert [line[0] for line in lines if "String(length" in line] == ["-", "+"]
