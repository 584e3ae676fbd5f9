"""Enter what the usernames look like that are there already.

Of members whose names look alike, the first one's is entered; all of them keep their names, and nobody else
gets such a one. Works in batches, each a transaction of its own; one that was stopped can be run again.
Going down changes nothing: the revision before drops the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024_known_usernames"
down_revision = "0023_username_skeletons"
branch_labels = None
depends_on = None

BATCH = 5_000
MAX_BIGINT = 2**63 - 1

# A member who is deleted meanwhile waits for this, or is gone before it.
FILL = """
INSERT INTO username_skeletons (skeleton, member_id)
SELECT username_skeleton(username), id
FROM (SELECT id, username FROM users WHERE id BETWEEN {first} AND {last} ORDER BY id FOR KEY SHARE) AS member
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for first, last in ranges():
            op.execute(FILL.format(first=first, last=last))


def ranges() -> list[tuple[int, int]]:
    """Ranges of ids that cover all members; as SQL for a file it is one, since nothing can be read."""
    if op.get_context().as_sql:
        return [(1, MAX_BIGINT)]
    newest = op.get_bind().execute(sa.text("SELECT coalesce(max(id), 0) FROM users")).scalar_one()
    return [(first, first + BATCH - 1) for first in range(1, newest + 1, BATCH)]


def downgrade() -> None:
    pass
