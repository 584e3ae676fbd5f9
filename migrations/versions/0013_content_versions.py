"""Count what changes on the site, so that a page can know that nothing it shows has changed.

Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0013_content_versions"
down_revision = "0012_fill_search_entries"
branch_labels = None
depends_on = None

CHANGES = {
    "listings": (
        ("INSERT OR UPDATE OR DELETE", "listings"),
        ("INSERT OR UPDATE OR DELETE", "listing_items"),
        ("INSERT OR UPDATE OR DELETE", "pictures"),
        ("UPDATE OF username OR DELETE", "users"),
    ),
    "categories": (("INSERT OR UPDATE OR DELETE", "categories"),),
}

FUNCTION = """
CREATE FUNCTION count_change_of_{part}() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    INSERT INTO content_versions AS part (slot, {part}) VALUES (pg_backend_pid(), 1)
    ON CONFLICT (slot) DO UPDATE SET {part} = part.{part} + 1;
    RETURN NULL;
END
$function$
"""


def upgrade() -> None:
    op.create_table(
        "content_versions",
        sa.Column(
            "slot",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Of which server process this is the part: writers never wait for each other. 0: folded.",
        ),
        sa.Column(
            "listings",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Changes to listings, items, pictures and the names of members.",
        ),
        sa.Column(
            "categories",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Changes to the tree of categories.",
        ),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_content_versions")),
        comment="How often what pages show was changed; the sums are the versions. Kept by triggers.",
    )
    for part, changes in CHANGES.items():
        op.execute(FUNCTION.format(part=part))
        for change, table in changes:
            op.execute(
                f"CREATE TRIGGER count_change_of_{part}_on_{table} AFTER {change} ON {table}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION count_change_of_{part}()"
            )


def downgrade() -> None:
    for part, changes in CHANGES.items():
        for _change, table in changes:
            op.execute(f"DROP TRIGGER count_change_of_{part}_on_{table} ON {table}")
        op.execute(f"DROP FUNCTION count_change_of_{part}()")
    op.drop_table("content_versions")
