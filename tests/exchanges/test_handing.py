"""The hand-over: where and when, the calendar file, the sheet, both confirmations, and calling it off."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from marketplace import clock
from marketplace.exchanges.calendar import event_file
from tests.factories.exchanges import days
from tests.support.hostile import HOSTILE
from tests.support.html import text_of

NOON = datetime(2027, 7, 1, 12, tzinfo=UTC)
MEETING = {"place": "At the well; north, side", "day": "2027-07-03", "hour": "18:30"}


@pytest.fixture
def in_lagos(make, ama):
    make.profile(ama, time_zone="Africa/Lagos")


def test_where_and_when_is_said_in_ones_own_time_zone(ama, boa, agreed, in_lagos, browser_of, at, rows, told):
    at(NOON)
    path, browser = f"/swaps/{agreed.id}", browser_of(ama)
    assert "Africa/Lagos" in text_of(browser.page(f"{path}/arrange"))
    assert browser.submit(f"{path}/arrange", MEETING).status_code == 303
    assert rows("SELECT handover_place, handover_at FROM exchanges") == [
        (MEETING["place"], datetime(2027, 7, 3, 17, 30, tzinfo=UTC))
    ]
    assert "3 July 2027, 18:30 (Africa/Lagos)" in text_of(browser.page(path))
    assert "3 July 2027, 17:30 (UTC)" in text_of(browser_of(boa).page(path))
    assert told() == [("boa", "arrange")]
    form = browser.page(f"{path}/arrange")
    assert form.find(".//input[@name='hour']").get("value") == "18:30"
    later = {**MEETING, "hour": "19:00"}
    assert browser_of(boa).submit(f"{path}/arrange", later).status_code == 303
    assert told()[1:] == [("ama", "arrange")]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"place": " "}, "Say where you meet"),
        ({"place": "x" * 201}, "Shorten this to 200"),
        ({"day": ""}, "Say on which day"),
        ({"day": "31 June"}, "Say this as a day and a time"),
        ({"day": "2027-06-31"}, "Say this as a day and a time"),
        ({"day": "9999-12-31"}, "Say this as a day and a time"),
        ({"hour": "25:00"}, "Say this as a day and a time"),
        ({"day": "2027-07-01", "hour": "12:00"}, "That is over"),
    ],
)
def test_what_is_no_meeting_is_refused_with_a_sentence(wrong, sentence, ama, agreed, browser_of, at, rows):
    at(NOON)
    answer = browser_of(ama).submit(f"/swaps/{agreed.id}/arrange", MEETING | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows("SELECT handover_at FROM exchanges") == [(None,)]


def test_the_calendar_file_is_for_the_two_alone(make, ama, boa, agreed, browser_of, at):
    at(NOON)
    path, browser = f"/swaps/{agreed.id}", browser_of(ama)
    assert browser.get(f"{path}/hand-over.ics").status_code == 404
    browser.submit(f"{path}/arrange", MEETING)
    answer = browser.get(f"{path}/hand-over.ics")
    assert answer.mimetype == "text/calendar"
    assert "no-store" in answer.headers["Cache-Control"]
    lines = answer.text.replace("\r\n ", "").split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert "DTSTART:20270703T183000Z" in lines
    assert "LOCATION:At the well\\; north\\, side" in lines
    assert "SUMMARY:Swap with boa: Drill and Boat" in lines
    assert f"URL:http://localhost:8000{path}" in lines
    assert "with ama" in browser_of(boa).get(f"{path}/hand-over.ics").text
    stranger = browser_of(make.member())
    for page in ("hand-over.ics", "sheet", "arrange", "hand", "cancel"):
        assert stranger.get(f"{path}/{page}").status_code == 404


def test_lines_of_a_calendar_file_are_folded_between_characters():
    content = event_file(
        uid="swap-1@kula", changed_at=NOON, begins_at=NOON, summary="東京" * 60, place="a\nb\\c", url="u"
    )
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines[:-1])
    whole = content.decode().replace("\r\n ", "")
    assert f"SUMMARY:{'東京' * 60}\r\n" in whole
    assert "LOCATION:a\\nb\\\\c\r\n" in whole


def test_a_sheet_to_print(ama, exchange, agreed, browser_of, at):
    at(NOON)
    browser = browser_of(ama)
    browser.submit(f"/swaps/{agreed.id}/arrange", MEETING)
    page = text_of(browser.page(f"/swaps/{agreed.id}/sheet"))
    for words in ("Drill", "Boat", "At the well", "3 July 2027, 18:30", "Given and got, ama"):
        assert words in page
    assert browser.get(f"/swaps/{exchange.id}/sheet").status_code == 404


def test_when_both_have_said_so_it_is_completed(
    ama, boa, drill, boat, agreed, browser_of, rows, state_of, told
):
    path = f"/swaps/{agreed.id}"
    browser = browser_of(ama)
    assert "You gave and got everything?" in text_of(browser.page(f"{path}/hand"))
    assert browser.submit(f"{path}/hand").status_code == 303
    assert state_of(agreed) == "accepted"
    for again in (browser.get(f"{path}/hand"), browser.submit(f"{path}/hand"), browser.get(f"{path}/cancel")):
        assert again.status_code == 409
    assert "When boa says so, too" in text_of(browser.page(path))
    assert "Say so, too, or what is wrong" in text_of(browser_of(boa).page(path))
    assert browser_of(boa).submit(f"{path}/hand").status_code == 303
    assert state_of(agreed) == "completed"
    assert told() == [("boa", "hand"), ("ama", "complete")]
    # The things are gone, and nothing that is listed stays available.
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(2,)]
    assert rows("SELECT DISTINCT status FROM listings") == [("archived",)]
    assert browser_of(boa).submit(f"{path}/hand").status_code == 409


def test_a_listing_with_something_left_stays(make, ama, boa, boat, browser_of, rows):
    make.item(boat.listing_id and make.listing(owner_id=boa.id, items=[]), name="Other")
    rows("UPDATE listing_items SET listing_id = :id WHERE name = 'Other' RETURNING id", id=boat.listing_id)
    exchange = make.exchange(ama, boa, [], [boat], state="accepted")
    for member in (ama, boa):
        assert browser_of(member).submit(f"/swaps/{exchange.id}/hand").status_code == 303
    assert rows("SELECT status FROM listings WHERE id = :id", id=boat.listing_id) == [("active",)]


def test_calling_it_off_frees_the_things(ama, boa, agreed, browser_of, rows, state_of, told):
    path, browser = f"/swaps/{agreed.id}", browser_of(boa)
    assert browser.submit(f"{path}/cancel", {"reason": "x" * 501}).status_code == 422
    assert browser.submit(f"{path}/cancel", {"reason": "It <broke>."}).status_code == 303
    assert "It &lt;broke&gt;." in browser_of(ama).get(path).text
    assert state_of(agreed) == "cancelled"
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]
    assert told() == [("ama", "cancel")]


def test_a_hand_over_is_reminded_of_twice_and_then_closed(
    boa, agreed, browser_of, state_of, remind, after, told, rows, drill
):
    assert browser_of(boa).submit(f"/swaps/{agreed.id}/hand").status_code == 303
    said = clock.now()
    expected = [("ama", "hand")]
    for span, more in (
        (timedelta(days=1, hours=23), []),
        (timedelta(days=2, minutes=1), [("ama", "confirm")]),
        (timedelta(days=4, hours=23), []),
        (timedelta(days=5, minutes=1), [("ama", "confirm")]),
        (timedelta(days=6, hours=23), []),
        (timedelta(days=7, minutes=1), [("ama", "close"), ("boa", "close")]),
        (timedelta(days=40), []),
    ):
        after(seconds=(said + span - clock.now()).total_seconds())
        assert remind() == bool(more)
        assert remind() == 0
        expected += more
        assert told() == expected
    assert state_of(agreed) == "closed"
    # Of what the silent side was to give nobody knows that it changed hands.
    assert rows("SELECT item_id FROM exchange_holds WHERE released_at IS NOT NULL") == [(drill.id,)]


def test_after_a_week_without_a_sender_it_is_just_closed(
    boa, agreed, browser_of, state_of, remind, after, told
):
    assert browser_of(boa).submit(f"/swaps/{agreed.id}/hand").status_code == 303
    after(days=8)
    assert remind() == 1
    assert told() == [("ama", "hand"), ("ama", "close"), ("boa", "close")]


def test_who_has_confirmed_is_no_longer_reminded(ama, boa, agreed, browser_of, remind, after, told):
    for member in (boa, ama):
        assert browser_of(member).submit(f"/swaps/{agreed.id}/hand").status_code == 303
    before = told()
    after(days=9)
    assert remind() == 0
    assert told() == before


def test_silence_closes_after_thirty_days_but_not_before_the_meeting(
    make, ama, boa, agreed, browser_of, state_of, remind, after, rows
):
    after(days=29, hours=23)
    assert remind() == 0
    meeting = clock.now() + timedelta(days=20)
    typed = {"place": "Here", "day": f"{meeting:%Y-%m-%d}", "hour": f"{meeting:%H:%M}"}
    assert browser_of(ama).submit(f"/swaps/{agreed.id}/arrange", typed).status_code == 303
    after(days=31)
    assert remind() == 0
    after(days=20)
    assert remind() == 1
    assert state_of(agreed) == "closed"
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]


def test_a_loan_that_is_yet_to_begin_is_not_closed(make, ama, boa, tent, state_of, remind, after):
    exchange = make.exchange(ama, boa, state="accepted")
    make.thing(exchange, tent, "receiver", lent_from=days(60), lent_until=days(62))
    after(days=61)
    assert remind() == 0
    after(days=30)
    assert remind() == 1
    assert state_of(exchange) == "closed"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_kept_or_refused_with_a_sentence(text, make, ama, boa, tent, lent, browser_of):
    agreed = f"/swaps/{make.exchange(ama, boa, state='accepted').id}"
    loan = {"loan": str(lent.loan.id)}
    lent_path = f"/swaps/{lent.id}"
    forms = [(f"{agreed}/arrange", MEETING, name) for name in MEETING]
    forms += [(f"{agreed}/dispute", {"words": "x"}, "words")]
    forms += [
        (f"{lent_path}/longer", {**loan, "day": "2027-01-01", "hour": "12:00"}, n)
        for n in ("day", "hour", "loan")
    ]
    forms += [(f"{lent_path}/lend-longer", {**loan, "until": ""}, n) for n in ("loan", "until")]
    forms += [(f"{lent_path}/back", loan, n) for n in ("loan", f"{lent.loan.id}-condition")]
    cancelled = f"/swaps/{make.exchange(ama, boa, state='accepted').id}/cancel"
    browser = browser_of(ama)
    for path, values, name in [*forms, (cancelled, {}, "reason")]:
        answer = browser.post(
            path,
            data=urlencode(values | {name: text, "csrf_token": browser.csrf_token()}),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in (303, 404, 409, 422), (name, answer.status)
        if answer.status_code == 303:
            browser.page(answer.location)
