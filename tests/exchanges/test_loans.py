"""Loans: notes at both ends, reminders, keeping something longer, its return, and who cannot borrow."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.dialects.postgresql import Range

from marketplace import clock
from marketplace.exchanges.timetable import reminders_of_loan
from marketplace.extensions import db
from marketplace.pictures import actions as picture_actions
from tests.factories.exchanges import days
from tests.support.html import text_of
from tests.support.pictures import photo

LAGOS = ZoneInfo("Africa/Lagos")


def jpeg_file(content=None):
    return BytesIO(content or photo())


def typed(moment):
    return {"day": f"{moment:%Y-%m-%d}", "hour": f"{moment:%H:%M}"}


@pytest.fixture
def loans(rows):
    """Reads columns of the loan."""
    return lambda columns: rows(f"SELECT {columns} FROM exchange_loans")[0]


@pytest.fixture
def ask(ama, lent, browser_of):
    """Lets Ama ask to keep the tent until that moment."""
    return lambda until: browser_of(ama).submit(
        f"/swaps/{lent.id}/longer", {"loan": lent.loan.id, **typed(until)}
    )


@pytest.fixture
def grant(boa, lent, browser_of, loans):
    """Lets Boa grant what is asked."""

    def submit():
        (asked,) = loans("asked_until")
        sent = {"loan": lent.loan.id, "until": asked.isoformat() if asked else ""}
        return browser_of(boa).submit(f"/swaps/{lent.id}/lend-longer", sent)

    return submit


def test_both_say_that_it_is_handed_over_and_note_how_it_is(
    make, ama, boa, tent, browser_of, loans, state_of, told
):
    exchange = make.exchange(ama, boa, [], [tent], state="accepted")
    loan = make.loan(exchange, tent, lender_handed_at=None, borrower_handed_at=None)
    path, note = f"/swaps/{exchange.id}/hand", f"{loan.id}-condition"
    assert browser_of(boa).submit(path, {note: "mint"}).status_code == 422
    wrong = browser_of(boa).submit(path, {f"{loan.id}-picture": (jpeg_file(b"no"), "tent.jpg")})
    assert "“tent.jpg” is not a JPEG" in wrong.text
    sent = {note: "good", f"{loan.id}-picture": (jpeg_file(), "tent.jpg")}
    assert browser_of(boa).submit(path, sent).status_code == 303
    assert browser_of(ama).submit(path, {note: "worn"}).status_code == 303
    assert state_of(exchange) == "lent"
    assert told() == [("ama", "hand"), ("boa", "lend")]
    before, picture, handed, got, remind_at = loans(
        "condition_before, picture_before_id, lender_handed_at, borrower_handed_at, remind_at"
    )
    assert (before, remind_at) == ("good", days(2))
    assert None not in (picture, handed, got)
    for member in (ama, boa):
        page = browser_of(member).page(f"/swaps/{exchange.id}")
        assert "When it was handed over: Good." in text_of(page)
        assert page.findall(".//picture/img")


def test_pictures_of_loans_stay(app, make, ama, boa, lent, rows, connection):
    kept, loose = make.picture(owner_id=boa.id), make.picture(owner_id=boa.id)
    rows("UPDATE exchange_loans SET picture_before_id = :id RETURNING id", id=kept.id)
    with app.app_context():
        assert picture_actions.delete_loose_pictures(days(9)) == [loose.key]
        db.session.commit()
    assert rows("SELECT id FROM pictures") == [(kept.id,)]


def test_pictures_of_loans_are_for_the_two_alone(make, ama, boa, lent, browser_of, client, rows):
    sent = {"loan": lent.loan.id, f"{lent.loan.id}-picture": (jpeg_file(), "tent.jpg")}
    assert browser_of(boa).submit(f"/swaps/{lent.id}/back", sent).status_code == 303
    picture_id, key = rows("SELECT id, key FROM pictures")[0]
    address = f"/swaps/{lent.id}/pictures/{picture_id}/320.webp"
    for member in (ama, boa):
        page = browser_of(member).get(f"/swaps/{lent.id}").text
        assert address in page
        assert key not in page
        assert browser_of(member).get(address).status_code == 200
    moderator = make.member(role="moderator")
    assert browser_of(make.member()).get(address).status_code == 404
    assert browser_of(moderator).get(address).status_code == 404
    assert client.get(address).status_code == 303
    rows("UPDATE exchanges SET state = 'disputed', disputed_at = now() RETURNING id")
    assert browser_of(moderator).get(address).status_code == 200
    assert browser_of(make.member()).get(address).status_code == 404


def test_a_loan_is_over_when_both_say_so(ama, boa, lent, browser_of, loans, state_of, told, rows):
    path, loan = f"/swaps/{lent.id}/back", {"loan": lent.loan.id}
    condition = f"{lent.loan.id}-condition"
    assert "You have given back" in text_of(browser_of(ama).page(f"{path}?loan={lent.loan.id}"))
    assert browser_of(ama).submit(path, {**loan, condition: "mint"}).status_code == 422
    assert browser_of(ama).submit(path, {**loan, condition: "worn"}).status_code == 303
    assert state_of(lent) == "lent"
    assert browser_of(ama).submit(path, loan).status_code == 409
    assert "ama says that it is back" in text_of(browser_of(boa).page(f"/swaps/{lent.id}"))
    sent = {**loan, f"{lent.loan.id}-picture": (jpeg_file(), "tent.jpg")}
    assert browser_of(boa).submit(path, sent).status_code == 303
    assert state_of(lent) == "completed"
    assert told() == [("boa", "give_back"), ("ama", "take_back")]
    after, picture, remind_at = loans("condition_after, picture_after_id, remind_at")
    assert (after, remind_at) == ("worn", None)
    assert picture is not None
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]
    assert rows("SELECT status FROM listings") == [("active",)]


def test_a_return_that_one_side_alone_confirms_is_closed_after_a_week(
    ama, boa, lent, browser_of, state_of, after, remind, told, rows
):
    sent = {"loan": lent.loan.id}
    assert browser_of(boa).submit(f"/swaps/{lent.id}/back", sent).status_code == 303
    page = text_of(browser_of(ama).page(f"/swaps/{lent.id}"))
    assert "If the other one says nothing more, it is closed on" in page
    after(days=6, hours=23)
    remind()
    assert state_of(lent) == "lent"
    after(hours=1)
    remind()
    assert state_of(lent) == "closed"
    assert told()[-2:] == [("ama", "close_loan"), ("boa", "close_loan")]
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]
    assert "nothing more was heard, so it was closed" in text_of(browser_of(boa).page(f"/swaps/{lent.id}"))
    assert browser_of(ama).submit(f"/swaps/{lent.id}/back", sent).status_code == 409


def test_all_that_is_lent_must_be_back(make, ama, boa, drill, tent, thing, browser_of, state_of):
    oars = thing(boa, name="Oars", exchange_type="temporary", duration_days=7)
    exchange = make.exchange(ama, boa, [], [tent, oars], state="lent")
    loans = [make.loan(exchange, item) for item in (tent, oars)]
    for loan, state in zip(loans, ("lent", "completed"), strict=True):
        for member in (boa, ama):
            sent = {"loan": loan.id}
            assert browser_of(member).submit(f"/swaps/{exchange.id}/back", sent).status_code == 303
        assert state_of(exchange) == state


def test_loans_of_others_are_not_there(make, ama, lent, browser_of):
    other = make.exchange(make.member(), ama, state="lent")
    for act in ("back", "longer"):
        for loan in (lent.loan.id, "", "x", "0"):
            path = f"/swaps/{other.id}/{act}"
            assert browser_of(ama).get(f"{path}?loan={loan}").status_code == 404
            assert browser_of(ama).submit(path, {"loan": loan}).status_code == 404


def test_reminders_come_in_the_owners_morning_and_when_it_is_late():
    due = datetime(2027, 5, 3, 23, tzinfo=UTC)
    found = reminders_of_loan(due, LAGOS)
    # What is due at midnight in Lagos is due on the day before.
    assert [(moment, kind) for moment, kind, _ in found] == [
        (due - timedelta(days=2), "due_soon"),
        (datetime(2027, 5, 3, 8, tzinfo=LAGOS), "due_today"),
        (due + timedelta(days=1), "overdue"),
        (due + timedelta(days=3), "overdue"),
        (due + timedelta(days=7), "overdue"),
    ]
    early = datetime(2027, 5, 3, 4, tzinfo=UTC)
    assert reminders_of_loan(early, LAGOS)[1][0] == early


def test_each_reminder_of_a_loan_comes_once(lent, at, remind, told, rows):
    due = lent.loan.due_at
    rows("UPDATE exchange_loans SET remind_at = :at RETURNING id", at=due - timedelta(days=2))
    expected = []
    late = [("ama", "overdue"), ("boa", "overdue")]
    for moment, more in (
        (due - timedelta(days=2, seconds=1), []),
        (due - timedelta(days=2), [("ama", "due_soon")]),
        (due - timedelta(hours=17), []),
        (due - timedelta(hours=16), [("ama", "due_today")]),
        (due + timedelta(hours=23), []),
        (due + timedelta(days=1), late),
        (due + timedelta(days=2), []),
        (due + timedelta(days=3), late),
        (due + timedelta(days=7), late),
        (due + timedelta(days=70), []),
    ):
        at(moment)
        assert remind() == bool(more)
        assert remind() == 0
        expected += more
        assert told() == expected
    assert [row[0] for row in rows("SELECT DISTINCT details->>'days' FROM notifications ORDER BY 1")] == [
        "0 days",
        "1 day",
        "3 days",
        "7 days",
    ]


@pytest.mark.parametrize(
    ("late", "kinds"),
    [
        (timedelta(days=-1), ["due_soon"]),
        (timedelta(hours=-1), ["due_today"]),
        (timedelta(days=5), ["overdue", "overdue"]),
        (timedelta(days=8), ["overdue", "overdue"]),
    ],
)
def test_after_a_week_without_a_sender_only_the_last_reminder_comes(
    late, kinds, lent, at, remind, told, rows
):
    rows("UPDATE exchange_loans SET remind_at = due_at - interval '2 days' RETURNING id")
    at(lent.loan.due_at + late)
    assert remind() == 1
    assert [kind for _, kind in told()] == kinds
    assert remind() == 0


def test_nobody_is_reminded_of_what_is_back_or_with_a_moderator(
    ama, boa, lent, browser_of, after, remind, told, rows
):
    rows("UPDATE exchange_loans SET remind_at = due_at - interval '2 days' RETURNING id")
    assert browser_of(ama).submit(f"/swaps/{lent.id}/back", {"loan": lent.loan.id}).status_code == 303
    said = clock.now()
    after(days=6)
    # The other side alone is reminded to say so, too.
    assert remind() == 1
    assert told() == [("boa", "give_back"), ("boa", "confirm_back")]
    assert remind() == 0
    words = {"words": "It is torn."}
    assert browser_of(boa).submit(f"/swaps/{lent.id}/dispute", words).status_code == 303
    before = told()
    after(days=30)
    assert remind() == 0
    assert told() == before
    assert clock.now() > said


def test_a_renewal_is_asked_for_and_granted(
    make, ama, boa, lent, tent, ask, grant, browser_of, loans, rows, told, state_of
):
    make.profile(boa, time_zone="Africa/Lagos")
    until = days(6) + timedelta(hours=18)
    page = text_of(browser_of(ama).page(f"/swaps/{lent.id}/longer?loan={lent.loan.id}"))
    assert "01:00 (Africa/Lagos), as clocks show it where boa lives" in page
    assert ask(until).status_code == 303
    # The hour that was typed is that of Lagos.
    asked = until - timedelta(hours=1)
    assert loans("asked_until, due_at") == (asked, days(4))
    assert "Lend it for longer" in text_of(browser_of(boa).page(f"/swaps/{lent.id}"))
    assert grant().status_code == 303
    assert loans("due_at, asked_until, renewals, remind_at") == (asked, None, 1, asked - timedelta(days=2))
    assert rows("SELECT lower(during), upper(during) FROM exchange_holds") == [(days(1), asked)]
    assert told() == [("boa", "ask_longer"), ("ama", "lend_longer")]
    assert grant().status_code == 409
    assert state_of(lent) == "lent"


def test_what_is_no_renewal_is_refused_with_a_sentence(ama, boa, lent, ask, grant, browser_of, loans):
    path, loan = f"/swaps/{lent.id}/longer", {"loan": lent.loan.id}
    for sent, sentence in (
        ({}, "Say until which day"),
        (typed(days(4)), "Choose a time after that at which it is due"),
        ({"day": "soon", "hour": "12:00"}, "Say this as a day and a time"),
        (typed(days(400)), "Choose a time within a year"),
    ):
        answer = browser_of(ama).submit(path, {**loan, **sent})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert browser_of(boa).get(f"{path}?loan={lent.loan.id}").status_code == 409
    assert browser_of(boa).submit(path, {**loan, **typed(days(6))}).status_code == 409
    assert grant().status_code == 409
    assert ask(days(6)).status_code == 303
    sent = {**loan, "until": days(7).isoformat()}
    assert browser_of(boa).submit(f"/swaps/{lent.id}/lend-longer", sent).status_code == 409
    own = {**loan, "until": days(6).isoformat()}
    assert browser_of(ama).submit(f"/swaps/{lent.id}/lend-longer", own).status_code == 409
    assert loans("due_at, asked_until") == (days(4), days(6))


def test_nothing_is_kept_for_longer_while_somebody_waits(
    make, ama, boa, lent, tent, ask, grant, browser_of, loans, rows
):
    assert ask(days(6)).status_code == 303
    waiting = make.exchange(make.member(), boa, [], [tent])
    sentence = "Somebody else would like to have it next"
    for member in (ama, boa):
        page = text_of(browser_of(member).page(f"/swaps/{lent.id}"))
        assert sentence in page
        assert "Lend it for longer" not in page
    for answer in (grant(), ask(days(7))):
        assert answer.status_code == 409
        assert sentence in answer.text
    assert loans("due_at, asked_until") == (days(4), days(6))
    rows("UPDATE exchanges SET open_until = created_at WHERE id = :id RETURNING id", id=waiting.id)
    assert grant().status_code == 303


def test_ones_own_next_proposal_does_not_stand_in_the_way(make, ama, boa, lent, tent, ask, grant):
    make.exchange(ama, boa, [], [tent])
    assert ask(days(6)).status_code == 303
    assert grant().status_code == 303


def test_what_is_promised_next_can_be_kept_until_then_and_no_longer(
    make, ama, boa, lent, tent, ask, grant, browser_of, loans
):
    other = make.exchange(make.member(), boa, state="accepted")
    make.hold(other, tent, "receiver", during=Range(days(6), days(8)))
    assert "it is promised to somebody else" in text_of(browser_of(ama).page(f"/swaps/{lent.id}"))
    answer = ask(days(7))
    assert answer.status_code == 409
    assert "promised to somebody else for a part of that time" in answer.text
    assert ask(days(6)).status_code == 303
    assert grant().status_code == 303
    assert loans("due_at, renewals") == (days(6), 1)
    assert ask(days(7)).status_code == 409


def test_who_is_overdue_cannot_borrow_more_and_is_told_why(
    make, ama, boa, lent, thing, browser_of, after, state_of
):
    cora = make.member(username="cora")
    canoe = thing(cora, name="Canoe", exchange_type="temporary", duration_days=7)
    pot = thing(cora, name="Pot")
    loan = {"go": "send", "open_days": "7", f"from-{canoe.id}": days(6).date()}
    loan |= {f"until-{canoe.id}": days(7).date(), "get": canoe.id}
    waiting = make.exchange(ama, cora)
    make.thing(waiting, canoe, "receiver", lent_from=days(8), lent_until=days(9))
    asked = make.exchange(cora, ama, item_ids=[canoe.id])
    make.thing(asked, canoe, "proposer", lent_from=days(8), lent_until=days(9))
    after(seconds=(days(4) - clock.now()).total_seconds() + 1)
    answers = [
        browser_of(ama).submit(f"/items/{canoe.id}/swap", loan),
        browser_of(cora).submit(f"/swaps/{waiting.id}/accept", {"version": "1"}),
        browser_of(ama).submit(f"/swaps/{asked.id}/accept", {"version": "1"}),
        browser_of(ama).submit(f"/swaps/{asked.id}/change", {**loan, "version": "1"}),
    ]
    for answer in answers:
        assert answer.status_code == 409
        assert "Nobody borrows anything more while something else should have been back" in answer.text
    assert "Overdue" in text_of(browser_of(ama).page(f"/swaps/{lent.id}"))
    # What is for good is no loan, and whoever lends is not in arrears.
    good = {"go": "send", "open_days": "7", "get": pot.id}
    assert browser_of(ama).submit(f"/items/{pot.id}/swap", good).status_code == 303
    assert browser_of(ama).submit(f"/swaps/{lent.id}/back", {"loan": lent.loan.id}).status_code == 303
    assert browser_of(cora).submit(f"/swaps/{waiting.id}/accept", {"version": "1"}).status_code == 303
    assert state_of(waiting) == "accepted"
