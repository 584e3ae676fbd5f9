"""Letters to owners whose listings end soon."""

from datetime import timedelta

from sqlalchemy import BigInteger, cast, extract, func, select

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.mail.actions import compose_letter
from marketplace.mail.queries import wants_letters
from marketplace.search.models import SearchEntry

LETTER = "listing_ends"
AHEAD = timedelta(days=7)
# Any number that no other lock of the site has.
_LOCK = 2_017_001

_ONCE = func.concat_ws(" ", Listing.id, cast(func.floor(extract("epoch", Listing.expires_at)), BigInteger))
_ENDING = (
    select(Listing.id, Listing.title, Listing.expires_at, _ONCE.label("once"))
    .add_columns(User.id.label("owner_id"), User.username, User.email)
    .join(SearchEntry, SearchEntry.listing_id == Listing.id)
    .join(User, User.id == Listing.owner_id)
    .where(
        SearchEntry.expires_at.between(func.now(), func.now() + AHEAD),
        Listing.status == "active",
        Listing.expires_at.between(func.now(), func.now() + AHEAD),
        User.is_active,
        User.email_verified_at.is_not(None),
        wants_letters(LETTER, User.id, _ONCE),
    )
    .order_by(Listing.expires_at, Listing.id)
)


def tell_owners(limit: int) -> int:
    """Write to owners whose listings end within a week, once about each end, at most `limit` letters.

    Returns how many; none while somebody else does the same.
    """
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    rows = db.session.execute(_ENDING.limit(limit)).all()
    db.session.add_all(
        compose_letter(
            LETTER,
            row.email,
            row.owner_id,
            row.once,
            username=row.username,
            title=row.title,
            listing_id=row.id,
            ends_on=f"{row.expires_at:%-d %B %Y}",
        )
        for row in rows
    )
    db.session.flush()
    return len(rows)
