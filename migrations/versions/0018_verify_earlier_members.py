"""Count the addresses of those who are members already as verified: they were never asked to prove them.

The moment is that of their registration, by which they are found again. Going up works in batches, each a
transaction of its own, while the site is read and written; one that was stopped can be run again. Going
down takes it from them, and from nobody who proved an address since.

"""

import sqlalchemy as sa
from alembic import op

revision = "0018_verify_earlier_members"
down_revision = "0017_outbox"
branch_labels = None
depends_on = None

BATCH = 5_000
MAX_BIGINT = 2**63 - 1

VERIFY = """
UPDATE users SET email_verified_at = created_at
WHERE id BETWEEN {first} AND {last} AND email_verified_at IS NULL
"""
TAKE_BACK = "UPDATE users SET email_verified_at = NULL WHERE email_verified_at = created_at"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for first, last in ranges():
            op.execute(VERIFY.format(first=first, last=last))


def ranges() -> list[tuple[int, int]]:
    """Ranges of ids that cover all members; as SQL for a file it is one, since nothing can be read."""
    if op.get_context().as_sql:
        return [(1, MAX_BIGINT)]
    newest = op.get_bind().execute(sa.text("SELECT coalesce(max(id), 0) FROM users")).scalar_one()
    return [(first, first + BATCH - 1) for first in range(1, newest + 1, BATCH)]


def downgrade() -> None:
    op.execute(TAKE_BACK)
