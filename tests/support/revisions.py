"""Chains of revisions for tests: the project's own, and one more on top."""

import shutil
from pathlib import Path

from alembic.config import Config

from tests.support.operator import CHAIN, FOUNDING_HEAD
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
    revision: str = "change",
    below: str = FOUNDING_HEAD,
) -> Config:
    """Copy the project's migrations up to `below` into `folder`, add a revision on top, and return their
    configuration.
    """
    migrations = folder / "migrations"
    if not migrations.exists():
        later = [f"{revision}*" for revision in CHAIN if below in CHAIN[: CHAIN.index(revision)]]
        shutil.copytree(ROOT / "migrations", migrations, ignore=shutil.ignore_patterns("__pycache__", *later))
    text = REVISION.format(revision=revision, below=below, upgrade=upgrade, downgrade=downgrade)
    (migrations / "versions" / f"{revision}.py").write_text(text)
    config = Config()
    config.set_main_option("script_location", str(migrations))
    return config
