"""What the page of an exchange shows of its course: the meeting, who has confirmed, loans, the dispute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from marketplace.exchanges import course_queries, rules
from marketplace.exchanges.course_models import ExchangeDispute
from marketplace.exchanges.course_queries import Lent
from marketplace.exchanges.queries import Found
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.exchanges.telling import member_of
from marketplace.exchanges.timetable import in_zone
from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.members import clocks
from marketplace.pictures.queries import ShownPicture

WAITED_FOR = "Somebody else would like to have it next, so it cannot be kept for longer."


@dataclass(frozen=True)
class ShownLoan:
    """A loan as one side sees it. `obstacle` says why it cannot be kept for longer."""

    id: int
    name: str
    is_borrowed: bool
    due: str
    is_overdue: bool
    asked: str | None
    asked_until: datetime | None
    obstacle: str | None
    notes: list[tuple[str, str | None, ShownPicture | None]]
    is_confirmed: bool
    is_confirmed_by_other: bool
    can_ask: bool
    can_lend: bool
    can_confirm: bool


@dataclass(frozen=True)
class Course:
    """What becomes of an exchange that was agreed on."""

    place: str | None
    meeting: str | None
    can_arrange: bool
    can_confirm: bool
    can_cancel: bool
    can_dispute: bool
    has_confirmed: bool
    has_other_confirmed: bool
    closes: str | None
    loan_closes: str | None
    loans: list[ShownLoan]
    dispute: ExchangeDispute | None
    is_own_dispute: bool


def course_of(found: Found, now: datetime) -> Course | None:
    """Return the course of the exchange as the side sees it; None before it was agreed on."""
    exchange, side = found.exchange, found.side
    if exchange.accepted_at is None:
        return None
    zone = clocks.zone_of_reader()
    possible = set(rules.possible(exchange, side, now))
    loans = course_queries.loans_of(exchange.id, now)
    pictures = course_queries.pictures_of_loans(exchange.id, loans)
    zones = {each: clocks.zone_of(member_of(exchange, each)) for each in _lenders(loans)}
    dispute = course_queries.dispute_of(exchange.id) if exchange.disputed_at is not None else None
    handed = {"proposer": exchange.proposer_handed_at, "receiver": exchange.receiver_handed_at}
    said = [each for each in handed.values() if each is not None]
    half_said = said[0] if exchange.state == "accepted" and len(said) == 1 else None
    half_back = course_queries.last_half_said(loans)
    is_said_to_be_back = exchange.state == "lent" and all(lent.is_said_to_be_back for lent in loans)
    loan_closes = half_back[0] + rules.HALF_SAID_LASTS if half_back and is_said_to_be_back else None
    return Course(
        place=exchange.handover_place,
        meeting=in_zone(exchange.handover_at, zone) if exchange.handover_at is not None else None,
        can_arrange="arrange" in possible,
        can_confirm=not possible.isdisjoint({"hand", "complete"}),
        can_cancel="cancel" in possible,
        can_dispute="dispute" in possible,
        has_confirmed=handed[side] is not None,
        has_other_confirmed=handed[OTHER_SIDE[side]] is not None,
        closes=in_zone(half_said + rules.HALF_SAID_LASTS, zone) if half_said else None,
        loan_closes=in_zone(loan_closes, zone) if loan_closes else None,
        loans=[shown_loan(lent, side, possible, zones[lent.lender], pictures, now) for lent in loans],
        dispute=dispute,
        is_own_dispute=dispute is not None and dispute.side == side,
    )


def shown_loan(
    lent: Lent,
    side: str,
    possible: set[str],
    zone: ZoneInfo,
    pictures: dict[int, ShownPicture],
    now: datetime,
) -> ShownLoan:
    """Return a loan as the side sees it, with all times as clocks show them where the owner lives."""
    loan, is_borrowed = lent.loan, side == lent.borrower
    is_under_way = "give_back" in possible and not lent.is_said_to_be_back
    obstacle = _obstacle(lent, zone) if is_under_way else None
    notes = [
        (when, CONDITION_WORDS[condition] if condition else None, pictures.get(picture_id or 0))
        for when, condition, picture_id in (
            ("When it was handed over", loan.condition_before, loan.picture_before_id),
            ("When it came back", loan.condition_after, loan.picture_after_id),
        )
        if condition or picture_id in pictures
    ]
    return ShownLoan(
        id=loan.id,
        name=lent.name,
        is_borrowed=is_borrowed,
        due=in_zone(loan.due_at, zone),
        is_overdue=is_under_way and loan.due_at <= now,
        asked=in_zone(loan.asked_until, zone) if loan.asked_until is not None else None,
        asked_until=loan.asked_until,
        obstacle=obstacle,
        notes=notes,
        is_confirmed=lent.is_confirmed_by(side),
        is_confirmed_by_other=lent.is_confirmed_by(OTHER_SIDE[side]),
        can_ask=is_under_way and is_borrowed and not lent.is_waited_for and not _is_taken_next(lent),
        can_lend=is_under_way and not is_borrowed and loan.asked_until is not None and not lent.is_waited_for,
        can_confirm="give_back" in possible and not lent.is_confirmed_by(side),
    )


def _obstacle(lent: Lent, zone: ZoneInfo) -> str | None:
    if lent.is_waited_for:
        return WAITED_FOR
    if lent.promised_from is not None:
        return f"From {in_zone(lent.promised_from, zone)} it is promised to somebody else."
    return None


def _is_taken_next(lent: Lent) -> bool:
    """Tell whether it goes to somebody else as soon as it is due."""
    return lent.promised_from is not None and lent.promised_from <= lent.loan.due_at + timedelta(minutes=1)


def _lenders(loans: list[Lent]) -> set[str]:
    return {lent.lender for lent in loans}
