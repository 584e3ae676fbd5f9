"""Reads of what the sitemap lists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, select, text

from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.listings.queries import IS_SHOWN

# A sitemap may name 50,000 addresses. Each of ours is far from that, so that none takes long to make.
RANGE = 10_000

# From range to range by the key, however many ids lie between them: a few reads for each that there is.
_RANGES = text(
    """
    WITH RECURSIVE ranges (number) AS (
        SELECT CAST(0 AS bigint)
        UNION ALL
        SELECT (
            SELECT (id - 1) / :size + 1
            FROM listings
            WHERE id > number * :size AND status = 'active' AND hidden_at IS NULL
            AND (shown_from IS NULL OR shown_from <= now()) AND (expires_at IS NULL OR expires_at > now())
            ORDER BY id
            LIMIT 1
        )
        FROM ranges
        WHERE number IS NOT NULL
    )
    SELECT number FROM ranges WHERE number > 0
    """
).bindparams(size=RANGE)
_LISTINGS = (
    select(Listing.id, Listing.updated_at)
    .where(
        Listing.id > bindparam("after", type_=BigInteger),
        Listing.id <= bindparam("last", type_=BigInteger),
        IS_SHOWN,
    )
    .order_by(Listing.id)
)


def numbers_of_ranges() -> Sequence[int]:
    """Return the numbers of the ranges of ids, counted from 1, in which there is a listing on show."""
    return db.session.scalars(_RANGES).all()


def listings_in_range(number: int) -> Sequence[Any]:
    """Return the listings on show (id, updated_at) of one range, by id."""
    return db.session.execute(_LISTINGS, {"after": (number - 1) * RANGE, "last": number * RANGE}).all()
