"""Keep what happened in each swap.

Going down loses the history of all swaps.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043_exchange_events"
down_revision = "0042_exchange_loans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_events",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False, comment="The exchange it happened in."),
        sa.Column(
            "event", sa.Text(), nullable=False, comment="What happened, by the name in exchanges/rules.py."
        ),
        sa.Column(
            "actor", sa.Text(), nullable=False, comment="Who did it: proposer, receiver, moderator or time."
        ),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="The proposal that it was about; 0: a question."
        ),
        sa.Column(
            "details",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="More about it; no words of members.",
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it happened.",
        ),
        sa.CheckConstraint(
            "actor IN ('proposer', 'receiver', 'moderator', 'time')",
            name=op.f("ck_exchange_events_actor_known"),
        ),
        sa.CheckConstraint(
            "char_length(event) BETWEEN 1 AND 30", name=op.f("ck_exchange_events_event_length")
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_events_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_events")),
        comment="The history of exchanges, as both sides read it.",
    )
    op.create_index("ix_exchange_events_exchange_id", "exchange_events", ["exchange_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("exchange_events")
