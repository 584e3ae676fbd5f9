"""Chains of revisions for tests: the project's own, and one more on top."""

import shutil
from pathlib import Path

from alembic.config import Config

from tests.support.postgresql import ROOT

REVISION = '''"""A change."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{below}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def chain_with(
    folder: Path,
    upgrade: str,
    downgrade: str = "pass",
    revision: str = "0006_change",
    below: str = "cbfc66708806",
) -> Config:
    """Copy the project's migrations into `folder`, add a revision to them, and return their configuration."""
    migrations = folder / "migrations"
    if not migrations.exists():
        shutil.copytree(ROOT / "migrations", migrations, ignore=shutil.ignore_patterns("__pycache__"))
    text = REVISION.format(revision=revision, below=below, upgrade=upgrade, downgrade=downgrade)
    (migrations / "versions" / f"{revision}.py").write_text(text)
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config
