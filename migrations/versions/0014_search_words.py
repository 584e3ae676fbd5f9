"""Keep the words that listings use, from which misspelt ones are corrected.

`flask search refresh-words` fills the table, again and again. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_search_words"
down_revision = "0013_content_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text(), nullable=False, comment="In lower case, without accents."),
        sa.Column("uses", sa.Integer(), nullable=False, comment="In how many listings it occurs."),
        sa.Column(
            "fragments",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="The word, and the word without each one of its letters.",
        ),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
        comment="The words of titles and items, from which misspelt ones are corrected.",
    )
    op.create_index(
        "ix_search_words_fragments", "search_words", ["fragments"], unique=False, postgresql_using="gin"
    )


def downgrade() -> None:
    op.drop_table("search_words")
