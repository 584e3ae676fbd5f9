"""Reports, cases and measures for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from marketplace.accounts.models import User
from marketplace.listings.models import Listing
from marketplace.moderation.models import Measure
from marketplace.reports.models import Case, Report
from tests.factories.listings import ListingFactory


class ReportFactory(ListingFactory):
    """Makes open cases about listings with one report, unless told otherwise."""

    def case(self, listing: Listing | None = None, *, reporter: User | None = None, **values: Any) -> Case:
        """Save a case about `listing` with one report by `reporter`."""
        listing = listing or self.listing()
        defaults = {
            "kind": "listing",
            "object_id": listing.id,
            "listing_id": listing.id,
            "member_id": listing.owner_id,
            "name": listing.title,
        }
        case: Case = self.saved(Case(**(defaults | values)))
        self.report(case, reporter)
        return case

    def report(self, case: Case, reporter: User | None = None, **values: Any) -> Report:
        """Save one more report in a case."""
        columns = {"case_id": case.id, "reporter_id": (reporter or self.member()).id, "reason": "spam"}
        report: Report = self.saved(Report(**(columns | values)))
        return report

    def measure(self, member: User, **values: Any) -> Measure:
        """Save a warning of `member`, unless told otherwise."""
        defaults = {"member_id": member.id, "kind": "warned", "name": "A tent", "reason": "Be kind."}
        measure: Measure = self.saved(Measure(**(defaults | values)))
        return measure

    def suspended(self, **values: Any) -> User:
        """Save a member who is suspended for three days."""
        ends_at = datetime.now(UTC) + timedelta(days=3)
        member = self.member(**{"suspended_until": ends_at, **values})
        self.measure(member, kind="suspended", reason="A rest will do you good.", ends_at=ends_at)
        return member
