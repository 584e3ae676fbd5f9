"""Let messages and reviews of swaps be reported.

Locks report_cases for a moment; the rule is checked for the cases there are by a later revision. Going down
deletes the cases about messages and reviews, which the site does not know then.

"""

from alembic import op

revision = "0056_reported_words"
down_revision = "0055_messages_name_no_picture"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_report_cases_kind_known"), "report_cases", type_="check")
    op.execute(
        "ALTER TABLE report_cases"
        " ADD CONSTRAINT ck_report_cases_kind_known"
        " CHECK (kind IN ('listing', 'item', 'picture', 'member', 'message', 'review')) NOT VALID"
    )


def downgrade() -> None:
    op.execute("DELETE FROM report_cases WHERE kind IN ('message', 'review')")
    op.drop_constraint(op.f("ck_report_cases_kind_known"), "report_cases", type_="check")
    op.execute(
        "ALTER TABLE report_cases"
        " ADD CONSTRAINT ck_report_cases_kind_known"
        " CHECK (kind IN ('listing', 'item', 'picture', 'member'))"
    )
