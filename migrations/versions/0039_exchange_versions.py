"""Keep each proposal that is made in a swap.

Going down loses the proposals with their notes.

"""

import sqlalchemy as sa
from alembic import op

revision = "0039_exchange_versions"
down_revision = "0038_exchanges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_versions",
        sa.Column(
            "exchange_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The exchange it is part of.",
        ),
        sa.Column(
            "number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Counts up from 1 in each exchange.",
        ),
        sa.Column("author", sa.Text(), nullable=False, comment="Which side made it."),
        sa.Column(
            "note",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="What they wrote with it.",
        ),
        sa.Column(
            "open_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Until when it could be answered.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was sent.",
        ),
        sa.CheckConstraint(
            "author IN ('proposer', 'receiver')", name=op.f("ck_exchange_versions_author_known")
        ),
        sa.CheckConstraint("char_length(note) <= 1000", name=op.f("ck_exchange_versions_note_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_exchange_versions_number_range")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_versions_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("exchange_id", "number", name=op.f("pk_exchange_versions")),
        comment="The proposals that were made in an exchange, one after the other.",
    )


def downgrade() -> None:
    op.drop_table("exchange_versions")
