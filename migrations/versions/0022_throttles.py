"""Count attempts at what is limited, for all processes together.

Going down forgets the counts: whoever waits may try again at once.

"""

import sqlalchemy as sa
from alembic import op

revision = "0022_throttles"
down_revision = "0021_second_factors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "throttles",
        sa.Column("purpose", sa.Text(), nullable=False, comment="The name of the limit."),
        sa.Column(
            "key", sa.LargeBinary(), nullable=False, comment="Whose attempts these are, as a keyed hash."
        ),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How many were let through."),
        sa.Column(
            "blocked_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until then no further one is let through; empty while they are free.",
        ),
        sa.Column(
            "forgotten_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="From then on the row means nothing.",
        ),
        sa.CheckConstraint("attempts > 0", name=op.f("ck_throttles_attempts_positive")),
        sa.CheckConstraint("octet_length(key) = 16", name=op.f("ck_throttles_key_length")),
        sa.PrimaryKeyConstraint("purpose", "key", name=op.f("pk_throttles")),
        comment="How often what is limited was tried. A crash of the server empties it.",
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("throttles")
