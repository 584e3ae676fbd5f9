"""Let members leave: from then on nothing of theirs is on show, and a week later they are deleted.

A trigger keeps their listings from being shown, whoever publishes or changes them at the same moment.
Nobody is leaving yet, so no listing changes. Going down takes those back who are leaving.

"""

import sqlalchemy as sa
from alembic import op

revision = "0033_leaving_members"
down_revision = "0032_entries_hold_categories"
branch_labels = None
depends_on = None

COMMENTS = (
    (
        "listings",
        "Not shown before then: until then its owner is suspended. Empty: at once.",
        "Not shown before then: its owner is suspended until then, or is leaving: infinity. Empty: at once.",
    ),
    (
        "search_entries",
        "Not to be shown before then: its owner is suspended.",
        "Not to be shown before then: its owner is suspended, or is leaving: infinity.",
    ),
)

TAKE_BACK = """
UPDATE listings SET shown_from = member.suspended_until
FROM users AS member WHERE member.id = listings.owner_id AND member.leaving_at IS NOT NULL
"""


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "leaving_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the member asked to be deleted, which is done a week later; empty: did not ask.",
        ),
    )
    # The lock on the owner's row makes who publishes and who leaves take turns.
    op.execute(
        """
        CREATE FUNCTION keep_leaving_off_show() RETURNS trigger
        LANGUAGE plpgsql
        AS $function$
        DECLARE
            moment timestamptz;
        BEGIN
            SELECT leaving_at INTO moment FROM users WHERE id = NEW.owner_id FOR KEY SHARE;
            IF moment IS NOT NULL THEN
                NEW.shown_from := 'infinity';
            END IF;
            RETURN NEW;
        END
        $function$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_leaving_off_show BEFORE INSERT OR UPDATE OF shown_from ON listings"
        " FOR EACH ROW EXECUTE FUNCTION keep_leaving_off_show()"
    )
    for table, old, new in COMMENTS:
        op.alter_column(table, "shown_from", comment=new, existing_comment=old)


def downgrade() -> None:
    for table, old, new in COMMENTS:
        op.alter_column(table, "shown_from", comment=old, existing_comment=new)
    op.execute("DROP TRIGGER keep_leaving_off_show ON listings")
    op.execute("DROP FUNCTION keep_leaving_off_show()")
    op.execute(TAKE_BACK)
    op.drop_column("users", "leaving_at")
