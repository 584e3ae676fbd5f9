"""Add the exchange types.

Empty in both directions: the columns are in the base table of items already.
"""

revision = "001_add_exchange_types"
down_revision = "ecee305c0829"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
