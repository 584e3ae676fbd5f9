"""Let a category be renamed or moved while a listing is posted in it, and have the entry follow.

Who writes entries holds the categories whose names are in them, so that a change of these waits, or is waited
for. No entry is written by this. Going down brings back that such an entry may keep the old name.

"""

from alembic import op

revision = "0032_entries_hold_categories"
down_revision = "0031_screened_words"
branch_labels = None
depends_on = None

WRITE_ENTRIES = """\
    DELETE FROM search_entries AS entry
    WHERE entry.listing_id = ANY (listing_ids)
    AND NOT EXISTS (SELECT FROM listings WHERE id = entry.listing_id AND status = 'active' AND hidden_at IS NULL);
    INSERT INTO search_entries AS entry
        (listing_id, owner_id, category_id, created_at, expires_at, value, document, shown_from)
    SELECT listing_id, owner_id, category_id, created_at, expires_at, value, document, shown_from
    FROM listing_documents
    WHERE listing_id = ANY (listing_ids)
    ORDER BY listing_id
    ON CONFLICT (listing_id) DO UPDATE SET
        owner_id = excluded.owner_id,
        category_id = excluded.category_id,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        value = excluded.value,
        document = excluded.document,
        shown_from = excluded.shown_from
    WHERE (entry.owner_id, entry.category_id, entry.created_at, entry.expires_at, entry.value, entry.document, entry.shown_from)
        IS DISTINCT FROM (excluded.owner_id, excluded.category_id, excluded.created_at, excluded.expires_at,
            excluded.value, excluded.document, excluded.shown_from);
"""  # noqa: E501 - the lines are those of the revision that made it.

WRITE = f"""
CREATE FUNCTION write_search_entries(listing_ids bigint[]) RETURNS void
LANGUAGE plpgsql
AS $function$
BEGIN
{WRITE_ENTRIES}END
$function$
"""

REFRESH = """
CREATE OR REPLACE FUNCTION refresh_search_entries(listing_ids bigint[]) RETURNS void
LANGUAGE plpgsql
AS $function$
BEGIN
    IF cardinality(listing_ids) = 0 OR listing_ids IS NULL THEN
        RETURN;
    END IF;
    -- Those who change a listing's parts at the same time take turns, and each sees the others' changes.
    PERFORM FROM listings WHERE id = ANY (listing_ids) ORDER BY id FOR NO KEY UPDATE;
    -- A category's name and place stay as they are read until this is committed.
    PERFORM FROM categories WHERE id IN (
        SELECT unnest(ARRAY[category.id, category.parent_id, parent.parent_id])
        FROM listings AS listing
        JOIN categories AS category ON category.id = listing.category_id
        LEFT JOIN categories AS parent ON parent.id = category.parent_id
        WHERE listing.id = ANY (listing_ids)
    ) ORDER BY id FOR SHARE;
    PERFORM write_search_entries(listing_ids);
END
$function$
"""

REFRESH_BEFORE = f"""
CREATE OR REPLACE FUNCTION refresh_search_entries(listing_ids bigint[]) RETURNS void
LANGUAGE plpgsql
AS $function$
BEGIN
    IF cardinality(listing_ids) = 0 OR listing_ids IS NULL THEN
        RETURN;
    END IF;
    -- Those who change a listing's parts at the same time take turns, and each sees the others' changes.
    PERFORM FROM listings WHERE id = ANY (listing_ids) ORDER BY id FOR NO KEY UPDATE;
{WRITE_ENTRIES}END
$function$
"""

# Who changes a category has locked it, so that nobody else writes these entries: the listings are only
# kept from being deleted. Whoever changes one of them meanwhile goes on to wait for the category.
CATEGORIES_CHANGED = """
CREATE OR REPLACE FUNCTION refresh_listings_of_changed_categories() RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    listing_ids CONSTANT bigint[] := ARRAY(
        SELECT listing.id
        FROM listings AS listing
        JOIN categories AS category ON category.id = listing.category_id
        LEFT JOIN categories AS parent ON parent.id = category.parent_id
        WHERE listing.status = 'active' AND EXISTS (
            SELECT FROM added JOIN removed USING (id)
            WHERE (added.name, added.parent_id) IS DISTINCT FROM (removed.name, removed.parent_id)
            AND added.id IN (category.id, parent.id, parent.parent_id)
        )
    );
BEGIN
    IF cardinality(listing_ids) > 0 THEN
        PERFORM FROM listings WHERE id = ANY (listing_ids) ORDER BY id FOR KEY SHARE;
        PERFORM write_search_entries(listing_ids);
    END IF;
    RETURN NULL;
END
$function$
"""

CATEGORIES_CHANGED_BEFORE = """
CREATE OR REPLACE FUNCTION refresh_listings_of_changed_categories() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM refresh_search_entries(ARRAY(
        SELECT listing.id
        FROM listings AS listing
        JOIN categories AS category ON category.id = listing.category_id
        LEFT JOIN categories AS parent ON parent.id = category.parent_id
        WHERE listing.status = 'active' AND EXISTS (
            SELECT FROM added JOIN removed USING (id)
            WHERE (added.name, added.parent_id) IS DISTINCT FROM (removed.name, removed.parent_id)
            AND added.id IN (category.id, parent.id, parent.parent_id)
        )
    ));
    RETURN NULL;
END
$function$
"""


def upgrade() -> None:
    op.execute(WRITE)
    op.execute(REFRESH)
    op.execute(CATEGORIES_CHANGED)


def downgrade() -> None:
    op.execute(CATEGORIES_CHANGED_BEFORE)
    op.execute(REFRESH_BEFORE)
    op.execute("DROP FUNCTION write_search_entries(bigint[])")
