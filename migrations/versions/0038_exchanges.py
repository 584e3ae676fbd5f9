"""Let two members agree on a swap.

It locks users against writing for a moment, to refer to it. Going down loses all swaps, and what was said and
agreed on in them.

"""

import sqlalchemy as sa
from alembic import op

revision = "0038_exchanges"
down_revision = "0037_former_category_paths"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchanges",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column(
            "proposer_id", sa.BigInteger(), nullable=True, comment="Who began it; empty when they have left."
        ),
        sa.Column(
            "receiver_id", sa.BigInteger(), nullable=True, comment="The other one; empty when they have left."
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="How far it is; see docs/SWAPS.md."),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="The number of the latest proposal; 0: a question.",
        ),
        sa.Column(
            "item_ids",
            sa.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="The things of the latest proposal in order of their ids, also when they are gone.",
        ),
        sa.Column(
            "awaits",
            sa.Text(),
            nullable=True,
            comment="Whose answer is waited for: proposer or receiver; empty: nobody's.",
        ),
        sa.Column(
            "open_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Until when the question or proposal can be answered.",
        ),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True, comment="When it was accepted."),
        sa.Column("accepted_by", sa.Text(), nullable=True, comment="Which side accepted it."),
        sa.Column(
            "handover_place",
            sa.Text(),
            nullable=True,
            comment="Where the things change hands, as it was agreed on.",
        ),
        sa.Column(
            "handover_at", sa.DateTime(timezone=True), nullable=True, comment="When they change hands."
        ),
        sa.Column(
            "proposer_handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the proposer said that the things have changed hands.",
        ),
        sa.Column(
            "receiver_handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the receiver said that the things have changed hands.",
        ),
        sa.Column(
            "disputed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a moderator was asked to look at it.",
        ),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True, comment="When all was done."),
        sa.Column(
            "closed_at", sa.DateTime(timezone=True), nullable=True, comment="When it ended, however it did."
        ),
        sa.Column(
            "closed_by",
            sa.Text(),
            nullable=True,
            comment="Who ended it: proposer, receiver, moderator or time.",
        ),
        sa.Column(
            "reason",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Why it ended, in the words of who ended it; may be empty.",
        ),
        sa.Column(
            "desk",
            sa.Text(),
            sa.Computed(
                "CASE WHEN closed_at IS NOT NULL THEN 'ended'"
                " WHEN awaits IS NOT NULL THEN awaits ELSE 'under_way' END",
                persisted=True,
            ),
            nullable=False,
            comment="On which list it is: of what awaits proposer or receiver, is under_way, or has ended.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was begun.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When something happened in it last.",
        ),
        sa.CheckConstraint(
            "(accepted_at IS NOT NULL) = (state IN"
            " ('accepted', 'lent', 'disputed', 'completed', 'cancelled', 'closed'))",
            name=op.f("ck_exchanges_accepted_when_agreed"),
        ),
        sa.CheckConstraint(
            "(awaits IS NOT NULL) = (state IN ('question', 'proposed'))",
            name=op.f("ck_exchanges_awaits_while_open"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (state IN"
            " ('completed', 'declined', 'withdrawn', 'lapsed', 'cancelled', 'closed'))",
            name=op.f("ck_exchanges_closed_when_ended"),
        ),
        sa.CheckConstraint(
            "(completed_at IS NOT NULL) = (state = 'completed')",
            name=op.f("ck_exchanges_completed_with_its_moment"),
        ),
        sa.CheckConstraint(
            "accepted_by IN ('proposer', 'receiver')", name=op.f("ck_exchanges_accepted_by_known")
        ),
        sa.CheckConstraint("awaits IN ('proposer', 'receiver')", name=op.f("ck_exchanges_awaits_known")),
        sa.CheckConstraint(
            "closed_by IN ('proposer', 'receiver', 'moderator', 'time')",
            name=op.f("ck_exchanges_closed_by_known"),
        ),
        sa.CheckConstraint(
            "state <> 'disputed' OR disputed_at IS NOT NULL",
            name=op.f("ck_exchanges_disputed_with_its_moment"),
        ),
        sa.CheckConstraint(
            "state IN ('question', 'proposed', 'accepted', 'lent', 'disputed',"
            " 'completed', 'declined', 'withdrawn', 'lapsed', 'cancelled', 'closed')",
            name=op.f("ck_exchanges_state_known"),
        ),
        sa.CheckConstraint(
            "version >= 0 AND (state <> 'question' OR version = 0)"
            " AND (version > 0 OR state IN ('question', 'declined', 'withdrawn', 'lapsed'))",
            name=op.f("ck_exchanges_version_of_proposals"),
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by IS NULL)", name=op.f("ck_exchanges_accepted_by_somebody")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_exchanges_closed_by_somebody")
        ),
        sa.CheckConstraint(
            "accepted_at IS NOT NULL OR (handover_place IS NULL AND handover_at IS NULL"
            " AND proposer_handed_at IS NULL AND receiver_handed_at IS NULL AND disputed_at IS NULL)",
            name=op.f("ck_exchanges_nothing_before_acceptance"),
        ),
        sa.CheckConstraint(
            "char_length(handover_place) <= 200", name=op.f("ck_exchanges_handover_place_length")
        ),
        sa.CheckConstraint("char_length(reason) <= 500", name=op.f("ck_exchanges_reason_length")),
        sa.CheckConstraint("proposer_id <> receiver_id", name=op.f("ck_exchanges_two_members")),
        sa.ForeignKeyConstraint(
            ["proposer_id"], ["users.id"], name=op.f("fk_exchanges_proposer_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["users.id"], name=op.f("fk_exchanges_receiver_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
        comment="What two members agree on: from a question or a proposal to its end.",
    )
    op.create_index(
        "ix_exchanges_open_until",
        "exchanges",
        ["open_until"],
        unique=False,
        postgresql_where=sa.text("awaits IS NOT NULL"),
    )
    op.create_index(
        "ix_exchanges_proposer_id",
        "exchanges",
        ["proposer_id", "desk", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_exchanges_proposer_open_until",
        "exchanges",
        ["proposer_id", "open_until"],
        unique=False,
        postgresql_where=sa.text("awaits IS NOT NULL"),
    )
    op.create_index(
        "ix_exchanges_receiver_id",
        "exchanges",
        ["receiver_id", "desk", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_exchanges_receiver_open_until",
        "exchanges",
        ["receiver_id", "open_until"],
        unique=False,
        postgresql_where=sa.text("awaits IS NOT NULL"),
    )
    op.create_index(
        "ix_exchanges_under_way",
        "exchanges",
        ["updated_at"],
        unique=False,
        postgresql_where=sa.text("desk = 'under_way'"),
    )
    op.create_index(
        "uq_exchanges_same_things",
        "exchanges",
        [
            sa.literal_column("LEAST(proposer_id, receiver_id)"),
            sa.literal_column("GREATEST(proposer_id, receiver_id)"),
            "item_ids",
        ],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    op.drop_table("exchanges")
