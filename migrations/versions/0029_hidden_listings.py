"""Let moderators hide listings, and suspend members for a time.

What is hidden has no search entry; what a suspended member has on show is not to be shown before the
suspension ends, and comes back then without a change. Nothing is hidden yet, so no entry changes, and none
is read. Going down archives what is hidden, and forgets suspensions and notices that wait to be read.

"""

import sqlalchemy as sa
from alembic import op

revision = "0029_hidden_listings"
down_revision = "0028_reports"
branch_labels = None
depends_on = None

# One row for each listing that can be found, as search_entries is to hold it. What is in square brackets is
# new.
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
    || array_to_tsvector(facets.names) AS document[shown_from]
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
WHERE listing.status = 'active'[not_hidden]
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
    DELETE FROM search_entries AS entry
    WHERE entry.listing_id = ANY (listing_ids)
    AND NOT EXISTS (SELECT FROM listings WHERE id = entry.listing_id AND status = 'active'[not_hidden]);
    INSERT INTO search_entries AS entry
        (listing_id, owner_id, category_id, created_at, expires_at, value, document[column])
    SELECT listing_id, owner_id, category_id, created_at, expires_at, value, document[column]
    FROM listing_documents
    WHERE listing_id = ANY (listing_ids)
    ORDER BY listing_id
    ON CONFLICT (listing_id) DO UPDATE SET
        owner_id = excluded.owner_id,
        category_id = excluded.category_id,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        value = excluded.value,
        document = excluded.document[assignment]
    WHERE (entry.owner_id, entry.category_id, entry.created_at, entry.expires_at, entry.value, entry.document[of_entry])
        IS DISTINCT FROM (excluded.owner_id, excluded.category_id, excluded.created_at, excluded.expires_at,
            excluded.value, excluded.document[of_excluded]);
END
$function$
"""  # noqa: E501 - the lines are those of the revision that made it.

LISTINGS_CHANGED = """
CREATE OR REPLACE FUNCTION refresh_changed_listings() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM refresh_search_entries(ARRAY(SELECT id FROM added));
    ELSE
        PERFORM refresh_search_entries(ARRAY(
            SELECT added.id FROM added JOIN removed USING (id)
            WHERE (added.owner_id, added.category_id, added.title, added.description,
                added.status, added.area, added.expires_at, added.created_at[of_added])
            IS DISTINCT FROM (removed.owner_id, removed.category_id, removed.title, removed.description,
                removed.status, removed.area, removed.expires_at, removed.created_at[of_removed])
        ));
    END IF;
    RETURN NULL;
END
$function$
"""

NEW = {
    "shown_from": ",\n    coalesce(listing.shown_from, '-infinity') AS shown_from",
    "not_hidden": " AND hidden_at IS NULL",
    "column": ", shown_from",
    "assignment": ",\n        shown_from = excluded.shown_from",
    "of_entry": ", entry.shown_from",
    "of_excluded": ", excluded.shown_from",
    "of_added": ", added.hidden_at, added.shown_from",
    "of_removed": ", removed.hidden_at, removed.shown_from",
}


def with_new(statement: str) -> str:
    """The statement with what this revision adds to it."""
    for name, words in NEW.items():
        statement = statement.replace(f"[{name}]", words)
    return statement


def without_new(statement: str) -> str:
    """The statement as it was before."""
    for name in NEW:
        statement = statement.replace(f"[{name}]", "")
    return statement


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "suspended_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until then the member is kept out, and nothing of theirs is on show; empty: never was.",
        ),
    )
    op.add_column(
        "users",
        sa.Column(
            "notice_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when a moderator's notice waits to be read; empty: none does.",
        ),
    )
    op.add_column(
        "listings",
        sa.Column(
            "hidden_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a moderator hid it: only its owner and moderators see it. Empty: not hidden.",
        ),
    )
    op.add_column(
        "listings",
        sa.Column(
            "shown_from",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Not shown before then: until then its owner is suspended. Empty: at once.",
        ),
    )
    op.add_column(
        "search_entries",
        sa.Column(
            "shown_from",
            sa.DateTime(timezone=True),
            server_default=sa.text("'-infinity'"),
            nullable=False,
            comment="Not to be shown before then: its owner is suspended.",
        ),
    )
    op.alter_column(
        "search_entries",
        "listing_id",
        comment="The listing, whose status is active and which is not hidden.",
        existing_comment="The listing, whose status is active.",
    )
    # New columns of a view come last, so that it can be replaced.
    op.execute(with_new(LISTING_DOCUMENTS).replace("CREATE VIEW", "CREATE OR REPLACE VIEW"))
    op.execute(with_new(REFRESH))
    op.execute(with_new(LISTINGS_CHANGED))


def downgrade() -> None:
    op.execute("UPDATE listings SET status = 'archived' WHERE hidden_at IS NOT NULL")
    op.execute("DROP VIEW listing_documents")
    op.execute(without_new(LISTING_DOCUMENTS))
    op.execute(without_new(REFRESH))
    op.execute(without_new(LISTINGS_CHANGED))
    op.alter_column(
        "search_entries",
        "listing_id",
        comment="The listing, whose status is active.",
        existing_comment="The listing, whose status is active and which is not hidden.",
    )
    op.drop_column("search_entries", "shown_from")
    op.drop_column("listings", "shown_from")
    op.drop_column("listings", "hidden_at")
    op.drop_column("users", "notice_at")
    op.drop_column("users", "suspended_until")
