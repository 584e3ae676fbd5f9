"""Keep a log of what is done by virtue of a role, which nobody can change.

A trigger refuses to change, delete or empty what was recorded. Rows that a backup brings back are new ones.
Going down loses the log.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_audit_log"
down_revision = "0026_validate_member_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was done.",
        ),
        sa.Column(
            "actor_id",
            sa.BigInteger(),
            nullable=True,
            comment="The id of the member who did it; empty: the operator, by a command.",
        ),
        sa.Column("action", sa.Text(), nullable=False, comment="What was done, such as hide or grant."),
        sa.Column(
            "object_kind", sa.Text(), nullable=False, comment="To what: listing, item, picture or member."
        ),
        sa.Column("object_id", sa.BigInteger(), nullable=False, comment="Its id, also when it is gone."),
        sa.Column(
            "member_id",
            sa.BigInteger(),
            nullable=True,
            comment="The id of the member whom it concerned, also when they are gone.",
        ),
        sa.Column(
            "reason",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Why, in the words of who did it.",
        ),
        sa.Column(
            "before",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="How it was before, as far as it was changed.",
        ),
        sa.CheckConstraint("char_length(btrim(action)) >= 1", name=op.f("ck_audit_log_action_not_blank")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        comment="What was done by virtue of a role. A trigger refuses to change or delete it.",
    )
    op.create_index(
        "ix_audit_log_object",
        "audit_log",
        ["object_kind", "object_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.execute(
        """
        CREATE FUNCTION refuse_to_change_audit_log() RETURNS trigger
        LANGUAGE plpgsql
        AS $function$
        BEGIN
            RAISE EXCEPTION 'The audit log is only added to: % is refused.', TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END
        $function$
        """
    )
    op.execute(
        "CREATE TRIGGER refuse_to_change_audit_log BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_log()"
    )


def downgrade() -> None:
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION refuse_to_change_audit_log()")
