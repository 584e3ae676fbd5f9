"""Merge all branches.

Empty in both directions. It follows one revision and depends on the others: with several parents,
`upgrade +1` and `downgrade -1` would end in an ambiguous walk.
"""

revision = "cbfc66708806"
down_revision = "001_add_exchange_types"
branch_labels = None
depends_on = ("cf5a32f4e1d5", "50c3593832b4", "ecee305c0829")


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
