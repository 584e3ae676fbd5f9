"""Reads that help to fill in the form: categories that fit a title, and what similar things went for."""

from itertools import groupby

from sqlalchemy import ARRAY, BigInteger, String, bindparam, text

from marketplace.extensions import db
from marketplace.posting.rules import Alike, ValueRange, range_of_values

# A title has more words than tell anything.
WORDS_MAXIMUM = 8
SUGGESTIONS = 3

# Each word says, by the newest listings that have it in their title, how likely each category is: one that
# lies in a single category says more than one found everywhere. Common words are found among the newest
# listings, rare ones by the index; either way few rows are looked at.
_CATEGORIES = text("""
    WITH recent AS MATERIALIZED (
        SELECT category_id, document
        FROM search_entries
        WHERE expires_at > now()
        ORDER BY created_at DESC, listing_id DESC
        LIMIT 600
    ),
    word AS MATERIALIZED (
        SELECT CAST(quote_literal(lexeme) || '\\:A' AS tsquery) AS query
        FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.english', search_text(:title)))) AS lexeme
        LIMIT :words
    ),
    common AS MATERIALIZED (
        SELECT word.query, recent.category_id FROM word JOIN recent ON recent.document @@ word.query
    ),
    rare AS (
        SELECT word.query, older.category_id
        FROM word
        CROSS JOIN LATERAL (
            SELECT entry.category_id
            FROM search_entries AS entry
            WHERE entry.document @@ word.query AND entry.expires_at > now()
            LIMIT 200
        ) AS older
        WHERE (SELECT count(*) FROM common WHERE common.query = word.query) < 20
    ),
    found AS (SELECT * FROM common UNION ALL SELECT * FROM rare),
    likely AS (
        SELECT category_id, 100 * count(*) / sum(count(*)) OVER (PARTITION BY query) AS share
        FROM found
        GROUP BY query, category_id
    )
    SELECT category_id, sum(share) AS likelihood
    FROM likely
    GROUP BY category_id
    HAVING sum(share) >= 10
    ORDER BY likelihood DESC, category_id
    LIMIT :suggestions
""").bindparams(bindparam("title", type_=String), words=WORDS_MAXIMUM, suggestions=SUGGESTIONS)

# What was swapped for good, at what its owner said it was worth when it was proposed. Of common words not
# all swaps are looked at.
_ALIKE = text("""
    WITH RECURSIVE within AS (
        SELECT CAST(:category_id AS bigint) AS id
        UNION ALL
        SELECT category.id FROM categories AS category JOIN within ON category.parent_id = within.id
    ),
    typed AS MATERIALIZED (
        SELECT number, tsvector_to_array(to_tsvector('pg_catalog.english', search_text(name))) AS words
        FROM unnest(:names) WITH ORDINALITY AS name (name, number)
    )
    SELECT typed.number, cardinality(typed.words), near.exchange_id, near.value, (
        SELECT count(*)
        FROM unnest(typed.words) AS word
        WHERE word = ANY (tsvector_to_array(to_tsvector('pg_catalog.english', search_text(near.name))))
    ) AS shared
    FROM typed
    CROSS JOIN LATERAL (
        SELECT thing.exchange_id, thing.name, thing.value
        FROM exchange_items AS thing
        JOIN exchanges AS exchange ON exchange.id = thing.exchange_id
            AND exchange.version = thing.version AND exchange.state = 'completed'
        JOIN listing_items AS item ON item.id = thing.item_id
        JOIN listings AS listing ON listing.id = item.listing_id
        WHERE to_tsvector('pg_catalog.english', search_text(thing.name)) @@ CAST((
            SELECT string_agg(quote_literal(word), ' | ') FROM unnest(typed.words) AS word
        ) AS tsquery)
        AND thing.value IS NOT NULL
        AND thing.exchange_type = 'permanent'
        AND listing.category_id IN (SELECT id FROM within)
        AND listing.id <> :without
        LIMIT 60
    ) AS near
    ORDER BY typed.number
""").bindparams(
    bindparam("names", type_=ARRAY(String)),
    bindparam("category_id", type_=BigInteger),
    bindparam("without", type_=BigInteger),
)


def find_likely_categories(title: str) -> list[int]:
    """Return the categories in which listings with the words of this title lie, by id, likeliest first."""
    rows = db.session.execute(_CATEGORIES, {"title": title[:500]}).all()
    # What is far less likely than the first is no help.
    return [row.category_id for row in rows if 4 * row.likelihood >= rows[0].likelihood]


def find_value_ranges(names: list[str], category_id: int, without: int | None) -> list[ValueRange | None]:
    """Return for each of these names what such things went for in the category, in one statement.

    None where too few were swapped. `without` is a listing that is left out: the one that is described.
    """
    ranges: list[ValueRange | None] = [None] * len(names)
    values = {"names": names, "category_id": category_id, "without": without or 0}
    rows = db.session.execute(_ALIKE, values)
    for (number, words), near in groupby(rows, key=lambda row: (row[0], row[1])):
        ranges[number - 1] = range_of_values((Alike(*row[2:]) for row in near), words)
    return ranges
