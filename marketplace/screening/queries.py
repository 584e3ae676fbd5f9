"""Reads for screening."""

from collections.abc import Sequence

from sqlalchemy import func, select, text

from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.reports.models import Case, Report
from marketplace.screening.models import ScreenedWord
from marketplace.screening.rules import DAYS_OF_THE_KNOWN, LISTINGS_OF_THE_KNOWN

# An administrator's list is one page, and each listing that is published is looked through for all of it.
WORDS_MAXIMUM = 500


def all_words() -> Sequence[ScreenedWord]:
    """Return all words, in the order of the alphabet."""
    statement = select(ScreenedWord).order_by(ScreenedWord.folded, ScreenedWord.id).limit(WORDS_MAXIMUM)
    return db.session.scalars(statement).all()


def count_settled(member_id: int) -> int:
    """Count the member's listings that have been on the site for a while, as far as it matters."""
    settled = (
        select(Listing.id)
        .where(
            Listing.owner_id == member_id,
            Listing.hidden_at.is_(None),
            Listing.created_at <= func.now() - text(f"interval '{DAYS_OF_THE_KNOWN} days'"),
        )
        .limit(LISTINGS_OF_THE_KNOWN)
    )
    return db.session.scalar(select(func.count()).select_from(settled.subquery())) or 0


def is_held(listing_id: int) -> bool:
    """Tell of a hidden listing whether the site asked for a look at it, and nobody has decided yet."""
    asked = (
        select(Report.id)
        .join(Case, Case.id == Report.case_id)
        .where(
            Case.kind == "listing",
            Case.object_id == listing_id,
            Case.decided_at.is_(None),
            Report.reason == "screened",
        )
        .exists()
    )
    return bool(db.session.scalar(select(asked)))
