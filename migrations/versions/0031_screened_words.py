"""Keep the words that listings are looked through for before they are on show.

Going down loses the list.

"""

import sqlalchemy as sa
from alembic import op

revision = "0031_screened_words"
down_revision = "0030_shown_from_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screened_words",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("words", sa.String(length=80), nullable=False, comment="As an administrator wrote them."),
        sa.Column(
            "folded",
            sa.Text(),
            nullable=False,
            comment="As they are compared: in lower case, without accents, one space between words.",
        ),
        sa.Column(
            "outcome",
            sa.Text(),
            nullable=False,
            comment="refuse: the listing cannot have them; hold: a moderator looks at it first.",
        ),
        sa.Column(
            "note",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Why, for administrators; may be empty.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint("char_length(btrim(words)) >= 1", name=op.f("ck_screened_words_words_not_blank")),
        sa.CheckConstraint(
            "char_length(btrim(folded)) >= 1", name=op.f("ck_screened_words_folded_not_blank")
        ),
        sa.CheckConstraint("outcome IN ('refuse', 'hold')", name=op.f("ck_screened_words_outcome_known")),
        sa.CheckConstraint("char_length(note) <= 200", name=op.f("ck_screened_words_note_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screened_words")),
        sa.UniqueConstraint("folded", name=op.f("uq_screened_words_folded")),
        comment="Words that listings are looked through for before they are on show.",
    )


def downgrade() -> None:
    op.drop_table("screened_words")
