"""The words that listings use: kept in search_words by a command, and asked for a misspelt one."""

from collections.abc import Sequence

from sqlalchemy import text

from marketplace.extensions import db
from marketplace.freshness import true_until
from marketplace.search.suggestions import DISTANCE_MAXIMUM, KnownWord, best_replacement, fragments_of

_CANDIDATES_MAXIMUM = 5_000

# One statement: what is there is changed where it differs, and what is used no more goes.
_REFRESH = text("""
    WITH fresh AS (
        SELECT used.word, count(*) AS uses
        FROM search_entries AS entry
        JOIN listings AS listing ON listing.id = entry.listing_id
        CROSS JOIN LATERAL (
            SELECT DISTINCT word
            FROM string_to_table(
                search_text(listing.title || ' ' || coalesce((
                    SELECT string_agg(item.name, ' ') FROM listing_items AS item
                    WHERE item.listing_id = listing.id AND item.owner_id = listing.owner_id
                ), '')), ' '
            ) AS word
            WHERE char_length(word) BETWEEN 3 AND 40 AND word ~ '[^0-9]'
        ) AS used
        WHERE entry.expires_at > now() AND entry.shown_from <= now()
        GROUP BY used.word
    ), gone AS (
        DELETE FROM search_words WHERE word NOT IN (SELECT word FROM fresh)
    )
    INSERT INTO search_words AS known (word, uses, fragments)
    SELECT fresh.word, fresh.uses, (
        SELECT array_agg(DISTINCT left(fresh.word, place - 1) || substr(fresh.word, place + 1))
        FROM generate_series(1, char_length(fresh.word) + 1) AS place
    )
    FROM fresh
    ON CONFLICT (word) DO UPDATE SET uses = excluded.uses WHERE known.uses <> excluded.uses
""")
_COUNT = text("SELECT count(*) FROM search_words")
_ANY = text("SELECT EXISTS (SELECT FROM search_words)")
# One letter more, less, wrong or in its neighbour's place is found by the fragments; for two, all words are
# compared that begin alike and are about as long.
_LIKE = text("""
    SELECT known.word, known.uses
    FROM search_words AS known
    WHERE known.word = ANY (CAST(:words AS text[])) OR known.fragments && CAST(:fragments AS text[])
    OR EXISTS (
        SELECT FROM unnest(CAST(:words AS text[])) AS typed
        WHERE known.word LIKE left(typed, 1) || '%'
        AND abs(char_length(known.word) - char_length(typed)) <= :distance
    )
    ORDER BY known.uses DESC, known.word LIMIT :most
""")


def refresh_words() -> int:
    """Bring search_words up to date with what listings say, and return how many words there are."""
    db.session.execute(_REFRESH)
    return int(db.session.execute(_COUNT).scalar_one())


def any_word_is_known() -> bool:
    """Tell whether the command that learns words has found any."""
    return bool(db.session.execute(_ANY).scalar_one())


def find_replacements(words: Sequence[str]) -> dict[str, str]:
    """Return a better word for each of `words` that no listing uses and that is nearly one that they use."""
    if not words:
        return {}
    # A command learns the words; that it did so makes no other version of the content.
    true_until(0)
    fragments = sorted(set().union(*map(fragments_of, words)))
    values = {"words": list(words), "fragments": fragments, "distance": DISTANCE_MAXIMUM}
    found_ = db.session.execute(_LIKE, values | {"most": _CANDIDATES_MAXIMUM})
    known = [KnownWord(*row) for row in found_]
    used = {each.word for each in known}
    found = {word: best_replacement(word, known) for word in words if word not in used}
    return {word: better for word, better in found.items() if better is not None}
