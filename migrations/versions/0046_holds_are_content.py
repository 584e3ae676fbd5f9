"""Count what is promised as content: pages of listings say so, and are kept until something changes.

It locks exchange_holds against writing for a moment. Going down loses nothing.

"""

from alembic import op

revision = "0046_holds_are_content"
down_revision = "0045_exchange_reviews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TRIGGER count_change_of_listings_on_exchange_holds"
        " AFTER INSERT OR UPDATE OR DELETE ON exchange_holds"
        " FOR EACH STATEMENT EXECUTE FUNCTION count_change_of_listings()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER count_change_of_listings_on_exchange_holds ON exchange_holds")
