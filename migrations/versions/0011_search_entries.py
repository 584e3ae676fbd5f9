"""Keep, for each listing that can be found, one row with all that it is found by.

Triggers keep the rows, and how many there are in each category, within each change. Existing listings
get theirs from the next revision. Going down loses nothing that cannot be made again.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_search_entries"
down_revision = "0010_pictures"
branch_labels = None
depends_on = None

SEARCH_TEXT = r"""
CREATE FUNCTION search_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $function$
    SELECT CASE
        WHEN octet_length(value) = char_length(value)
        THEN regexp_replace(lower(value), '[^a-z0-9]+', ' ', 'g')
        -- Without accents; without signs, which a server may take for letters; and with the
        -- characters of scripts that write no spaces between words as words of their own.
        ELSE regexp_replace(
            regexp_replace(
                lower(normalize(
                    regexp_replace(
                        normalize(value, NFKD),
                        '[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670]',
                        '', 'g'
                    ), NFKC
                )),
                '[\u0001-/:-@[-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf'
                '\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe00-\ufe6f\uff00-\uff0f'
                '\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff]+',
                ' ', 'g'
            ),
            '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u31ff'
            '\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])',
            ' \1 ', 'g'
        )
    END
$function$
"""

# One row for each listing that can be found, as search_entries is to hold it.
LISTING_DOCUMENTS = """
CREATE VIEW listing_documents AS
SELECT
    listing.id AS listing_id,
    listing.owner_id,
    listing.category_id,
    listing.created_at,
    coalesce(listing.expires_at, 'infinity') AS expires_at,
    things.value,
    setweight(to_tsvector('pg_catalog.english', search_text(listing.title)), 'A')
    || setweight(to_tsvector('pg_catalog.english', search_text(things.names)), 'B')
    || setweight(to_tsvector('pg_catalog.english', search_text(
        concat_ws(' ', category.name, parent.name, root.name))), 'C')
    || setweight(to_tsvector('pg_catalog.english', search_text(
        listing.description || ' ' || things.descriptions)), 'D')
    || array_to_tsvector(facets.names) AS document
FROM listings AS listing
JOIN categories AS category ON category.id = listing.category_id
LEFT JOIN categories AS parent ON parent.id = category.parent_id
LEFT JOIN categories AS root ON root.id = parent.parent_id
CROSS JOIN LATERAL (
    SELECT
        coalesce(string_agg(item.name, ' ' ORDER BY item.id), '') AS names,
        coalesce(string_agg(item.description, ' ' ORDER BY item.id), '') AS descriptions,
        CAST(sum(item.value) FILTER (WHERE item.kind = 'offer') AS bigint) AS value
    FROM listing_items AS item
    WHERE item.listing_id = listing.id AND item.owner_id = listing.owner_id
) AS things
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(facet), '{}') AS names
    FROM (
        SELECT unnest(ARRAY[
            'category:' || category.id,
            'category:' || parent.id,
            'category:' || root.id,
            'area:' || regexp_replace(btrim(search_text(listing.area)), ' +', ' ', 'g')
        ])
        UNION ALL
        SELECT unnest(ARRAY[
            'kind:' || item.kind,
            'type:' || item.exchange_type,
            'kind-type:' || item.kind || '-' || item.exchange_type,
            'condition:' || item.condition,
            -- The number of binary digits of the value: a range of values is a few of these.
            'value:' || char_length(ltrim(CAST(CAST(item.value AS bit(32)) AS text), '0')),
            CASE WHEN EXISTS (SELECT FROM pictures WHERE pictures.item_id = item.id) THEN 'picture:yes' END
        ])
        FROM listing_items AS item
        WHERE item.listing_id = listing.id AND item.owner_id = listing.owner_id
    ) AS each_facet (facet)
    WHERE facet IS NOT NULL
) AS facets
WHERE listing.status = 'active'
"""

REFRESH = """
CREATE FUNCTION refresh_search_entries(listing_ids bigint[]) RETURNS void
LANGUAGE plpgsql
AS $function$
BEGIN
    IF cardinality(listing_ids) = 0 OR listing_ids IS NULL THEN
        RETURN;
    END IF;
    -- Those who change a listing's parts at the same time take turns, and each sees the others' changes.
    PERFORM FROM listings WHERE id = ANY (listing_ids) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM search_entries AS entry
    WHERE entry.listing_id = ANY (listing_ids)
    AND NOT EXISTS (SELECT FROM listings WHERE id = entry.listing_id AND status = 'active');
    INSERT INTO search_entries AS entry
        (listing_id, owner_id, category_id, created_at, expires_at, value, document)
    SELECT listing_id, owner_id, category_id, created_at, expires_at, value, document
    FROM listing_documents
    WHERE listing_id = ANY (listing_ids)
    ORDER BY listing_id
    ON CONFLICT (listing_id) DO UPDATE SET
        owner_id = excluded.owner_id,
        category_id = excluded.category_id,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        value = excluded.value,
        document = excluded.document
    WHERE (entry.owner_id, entry.category_id, entry.created_at, entry.expires_at, entry.value, entry.document)
        IS DISTINCT FROM (excluded.owner_id, excluded.category_id, excluded.created_at, excluded.expires_at,
            excluded.value, excluded.document);
END
$function$
"""

LISTINGS_CHANGED = """
CREATE FUNCTION refresh_changed_listings() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM refresh_search_entries(ARRAY(SELECT id FROM added));
    ELSE
        PERFORM refresh_search_entries(ARRAY(
            SELECT added.id FROM added JOIN removed USING (id)
            WHERE (added.owner_id, added.category_id, added.title, added.description,
                added.status, added.area, added.expires_at, added.created_at)
            IS DISTINCT FROM (removed.owner_id, removed.category_id, removed.title, removed.description,
                removed.status, removed.area, removed.expires_at, removed.created_at)
        ));
    END IF;
    RETURN NULL;
END
$function$
"""

ITEMS_CHANGED = """
CREATE FUNCTION refresh_listings_of_changed_items() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM refresh_search_entries(ARRAY(SELECT DISTINCT listing_id FROM added));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM refresh_search_entries(ARRAY(SELECT DISTINCT listing_id FROM removed));
    ELSE
        PERFORM refresh_search_entries(ARRAY(
            SELECT listing_id FROM added UNION SELECT listing_id FROM removed
        ));
    END IF;
    RETURN NULL;
END
$function$
"""

PICTURES_CHANGED = """
CREATE FUNCTION refresh_listings_of_changed_pictures() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM refresh_search_entries(ARRAY(
            SELECT DISTINCT item.listing_id
            FROM added JOIN listing_items AS item ON item.id = added.item_id
        ));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM refresh_search_entries(ARRAY(
            SELECT DISTINCT item.listing_id
            FROM removed JOIN listing_items AS item ON item.id = removed.item_id
        ));
    ELSE
        PERFORM refresh_search_entries(ARRAY(
            SELECT DISTINCT item.listing_id
            FROM added JOIN removed USING (id)
            JOIN listing_items AS item ON item.id IN (added.item_id, removed.item_id)
            WHERE added.item_id IS DISTINCT FROM removed.item_id
        ));
    END IF;
    RETURN NULL;
END
$function$
"""

CATEGORIES_CHANGED = """
CREATE FUNCTION refresh_listings_of_changed_categories() RETURNS trigger
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

ENTRIES_CHANGED = """
CREATE FUNCTION count_changed_entries() RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    changes CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT category_id, 1 AS change FROM added'
        WHEN 'DELETE' THEN 'SELECT category_id, -1 AS change FROM removed'
        ELSE 'SELECT category_id, 1 AS change FROM added UNION ALL SELECT category_id, -1 FROM removed'
    END;
BEGIN
    EXECUTE
        'INSERT INTO category_counts AS part (category_id, slot, entries)'
        ' SELECT category_id, pg_backend_pid(), sum(change) FROM (' || changes || ') AS each_change'
        ' GROUP BY category_id HAVING sum(change) <> 0 ORDER BY category_id'
        ' ON CONFLICT (category_id, slot) DO UPDATE SET entries = part.entries + excluded.entries';
    RETURN NULL;
END
$function$
"""

# Each trigger runs once for a statement, however many rows it changes.
ON_INSERT = "AFTER INSERT ON {} REFERENCING NEW TABLE AS added"
ON_UPDATE = "AFTER UPDATE ON {} REFERENCING NEW TABLE AS added OLD TABLE AS removed"
ON_DELETE = "AFTER DELETE ON {} REFERENCING OLD TABLE AS removed"
TRIGGERS = (
    ("listings", "refresh_changed_listings", (ON_INSERT, ON_UPDATE)),
    ("listing_items", "refresh_listings_of_changed_items", (ON_INSERT, ON_UPDATE, ON_DELETE)),
    ("pictures", "refresh_listings_of_changed_pictures", (ON_INSERT, ON_UPDATE, ON_DELETE)),
    ("categories", "refresh_listings_of_changed_categories", (ON_UPDATE,)),
    ("search_entries", "count_changed_entries", (ON_INSERT, ON_UPDATE, ON_DELETE)),
)
FUNCTIONS = (REFRESH, LISTINGS_CHANGED, ITEMS_CHANGED, PICTURES_CHANGED, CATEGORIES_CHANGED, ENTRIES_CHANGED)


def upgrade() -> None:
    op.create_table(
        "category_counts",
        sa.Column(
            "category_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The category."
        ),
        sa.Column(
            "slot",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Of which server process this is the part: writers never wait for each other. 0: folded.",
        ),
        sa.Column(
            "entries", sa.BigInteger(), nullable=False, comment="The part of the count; may be negative."
        ),
        sa.PrimaryKeyConstraint("category_id", "slot", name=op.f("pk_category_counts")),
        comment="How many search entries each category has, in parts. Kept by triggers.",
    )
    op.create_table(
        "search_entries",
        sa.Column(
            "listing_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="The listing, whose status is active.",
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=False, comment="The listing's owner."),
        sa.Column("category_id", sa.BigInteger(), nullable=False, comment="The listing's category."),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When the listing was posted."
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'infinity'"),
            nullable=False,
            comment="Not to be shown from then on, swept or not.",
        ),
        sa.Column(
            "value",
            sa.BigInteger(),
            nullable=True,
            comment="The sum of the values of all things offered; empty when none has a value.",
        ),
        sa.Column(
            "document", postgresql.TSVECTOR(), nullable=False, comment="Words and facets of the listing."
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_search_entries_listing_id_listings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_search_entries")),
        comment="The listings that can be found, and what they are found by. Kept by triggers.",
    )
    op.create_index(
        "ix_search_entries_category_newest",
        "search_entries",
        ["category_id", sa.literal_column("created_at DESC"), sa.literal_column("listing_id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_search_entries_document", "search_entries", ["document"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_search_entries_expires_at", "search_entries", ["expires_at", "category_id"], unique=False
    )
    op.create_index(
        "ix_search_entries_newest",
        "search_entries",
        [sa.literal_column("created_at DESC"), sa.literal_column("listing_id DESC")],
        unique=False,
    )
    op.create_index("ix_search_entries_value", "search_entries", ["value", "listing_id"], unique=False)
    op.execute(SEARCH_TEXT)
    op.execute(LISTING_DOCUMENTS)
    for function in FUNCTIONS:
        op.execute(function)
    for table, function, events in TRIGGERS:
        for event in events:
            name = f"{function}_on_{event.split()[1].lower()}"
            op.execute(
                f"CREATE TRIGGER {name} {event.format(table)}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )


def downgrade() -> None:
    for table, function, events in reversed(TRIGGERS):
        for event in events:
            op.execute(f"DROP TRIGGER {function}_on_{event.split()[1].lower()} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    op.execute("DROP FUNCTION refresh_search_entries(bigint[])")
    op.execute("DROP VIEW listing_documents")
    op.execute("DROP FUNCTION search_text(text)")
    op.drop_table("category_counts")
    op.drop_table("search_entries")
