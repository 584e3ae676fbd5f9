"""Let members say a few words about themselves.

Going down loses these words.

"""

import sqlalchemy as sa
from alembic import op

revision = "0036_profiles"
down_revision = "0035_blocks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column(
            "member_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Whose profile it is."
        ),
        sa.Column(
            "about",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="A few words, shown to everyone; may be empty.",
        ),
        sa.Column(
            "area",
            sa.String(length=80),
            nullable=True,
            comment="Where the member is at home, as they put it; no address.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row last changed.",
        ),
        sa.CheckConstraint("char_length(about) <= 500", name=op.f("ck_profiles_about_length")),
        sa.CheckConstraint("char_length(btrim(area)) >= 1", name=op.f("ck_profiles_area_not_blank")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_profiles_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_profiles")),
        comment="What members say about themselves on their pages.",
    )


def downgrade() -> None:
    op.drop_table("profiles")
