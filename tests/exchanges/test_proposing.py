"""Proposing a swap: from the page of an item by way of the check to what the other side reads."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from marketplace import clock
from marketplace.exchanges.models import ITEMS_MAXIMUM
from tests.factories.exchanges import days
from tests.support.hostile import HOSTILE
from tests.support.html import text_of

SEND = {"go": "send", "open_days": "7", "note": "Shall we?"}


def day(number):
    return days(number).date().isoformat()


@pytest.fixture
def lent(tent):
    """What is sent for the tent, for three days from tomorrow."""
    return {"get": tent.id, f"from-{tent.id}": day(1), f"until-{tent.id}": day(3)}


def test_the_page_of_an_item_leads_to_it_for_all_but_its_owner(ama, boa, boat, make, browser_of, client):
    for page in (f"/items/{boat.id}", f"/listings/{boat.listing_id}"):
        answer = browser_of(ama).get(page).text
        assert f'href="/items/{boat.id}/swap"' in answer
        assert f'href="/items/{boat.id}/ask"' in answer
        assert "/swap" not in browser_of(boa).get(page).text.replace('href="/swaps"', "")
        assert "/swap" not in client.get(page).text
    for path in (f"/items/{boat.id}/swap", f"/items/{boat.id}/ask"):
        assert browser_of(boa).get(path).location == f"/items/{boat.id}"
        assert browser_of(boa).submit(path).location == f"/items/{boat.id}"
        assert browser_of(make.member(email_verified_at=None)).get(path).location == "/account/verify"


def test_from_the_form_by_way_of_the_check_to_the_proposal(
    ama, boa, drill, boat, tent, lent, browser_of, rows
):
    browser = browser_of(ama)
    form = browser.page(f"/items/{boat.id}/swap")
    ticked = [
        box.get("value") for box in form.findall(".//input[@type='checkbox']") if "checked" in box.attrib
    ]
    assert ticked == [str(boat.id)]
    chosen = {"give": drill.id, **lent, "get": [boat.id, tent.id], "note": "Shall we?", "open_days": "3"}
    check = browser.submit(f"/items/{boat.id}/swap", {**chosen, "go": "check"})
    assert check.status_code == 200
    assert "You would give 188 less (56 %)." in check.text
    assert rows("SELECT id FROM exchanges") == []
    back = browser.submit(f"/items/{boat.id}/swap", {**chosen, "go": "back"})
    assert "Shall we?" in back.text
    assert day(3) in back.text
    sent = browser.submit(f"/items/{boat.id}/swap", {**chosen, "go": "send"})
    assert sent.status_code == 303
    page = text_of(browser_of(boa).page(sent.location))
    assert "It is your turn" in page
    assert "You would give 188 more (130 %)." in page
    assert "Shall we?" in page
    ((item_ids, version, left),) = rows(
        "SELECT item_ids, version, extract(epoch FROM open_until - created_at)::int FROM exchanges"
    )
    assert (item_ids, version, left) == (sorted([drill.id, boat.id, tent.id]), 1, 3 * 86400)
    snapshots = rows(
        "SELECT giver, item_id, name, exchange_type, value, lent_from FROM exchange_items ORDER BY item_id"
    )
    assert snapshots == [
        ("proposer", drill.id, "Drill", "permanent", 145, None),
        ("receiver", boat.id, "Boat", "permanent", 133, None),
        ("receiver", tent.id, "Tent", "temporary", 200, days(1)),
    ]
    assert rows("SELECT event, actor FROM exchange_events") == [("propose", "proposer")]


@pytest.mark.parametrize(("gives", "gets"), [(True, False), (False, True)])
def test_a_gift(gives, gets, ama, boa, drill, boat, browser_of):
    chosen = ({"give": drill.id} if gives else {}) | ({"get": boat.id} if gets else {})
    sent = browser_of(ama).submit(f"/items/{boat.id}/swap", {**chosen, **SEND})
    assert "This is a gift" in browser_of(boa).get(sent.location).text


def test_a_question(ama, boa, boat, browser_of, rows):
    browser = browser_of(ama)
    assert "Write your question" in browser.submit(f"/items/{boat.id}/ask", {"words": " "}).text
    sent = browser.submit(f"/items/{boat.id}/ask", {"words": "Does it leak?"})
    assert sent.status_code == 303
    for member in (ama, boa):
        page = browser_of(member).get(sent.location).text
        assert "Does it leak?" in page
        assert f'href="/items/{boat.id}"' in page
    assert rows("SELECT state, version, awaits, item_ids FROM exchanges") == [
        ("question", 0, "receiver", [boat.id])
    ]


@pytest.mark.parametrize("by", ["ama", "boa"])
def test_either_side_can_make_a_proposal_of_a_question(by, make, ama, boa, drill, boat, browser_of, rows):
    asked = make.exchange(ama, boa, state="question", item_ids=[boat.id])
    browser = browser_of({"ama": ama, "boa": boa}[by])
    mine, theirs = (drill, boat) if by == "ama" else (boat, drill)
    path = f"/swaps/{asked.id}/change"
    ticked = browser.page(path).findall(".//input[@checked]")
    assert str(boat.id) in [box.get("value") for box in ticked if box.get("type") == "checkbox"]
    sent = {**SEND, "give": mine.id, "get": theirs.id, "version": "0"}
    assert browser.submit(path, sent).status_code == 303
    awaits = "receiver" if by == "ama" else "proposer"
    assert rows("SELECT state, version, awaits FROM exchanges") == [("proposed", 1, awaits)]
    assert rows("SELECT giver FROM exchange_items WHERE item_id = :id", id=drill.id) == [("proposer",)]


def test_what_is_wrong_is_said(ama, boa, drill, boat, tent, lent, thing, make, browser_of):
    browser, path = browser_of(ama), f"/items/{boat.id}/swap"
    gone = thing(boa, name="Gone")
    other = thing(make.member())
    make.exchange(make.member(), boa, [], [gone], state="completed")
    wrong = [
        ({}, "Choose at least one thing"),
        ({"get": "x"}, "not on offer any more"),
        ({"get": other.id}, "not on offer any more"),
        ({"give": boat.id}, "not on offer any more"),
        ({"get": gone.id}, "not on offer any more"),
        ({"get": thing(boa, kind="want").id}, "not on offer any more"),
        ({"get": [thing(boa).id for _ in range(ITEMS_MAXIMUM + 1)]}, f"at most {ITEMS_MAXIMUM} things"),
        ({"get": boat.id, "open_days": "5"}, "Choose how long it can be answered"),
        ({"get": boat.id, "note": "x" * 1001}, "Shorten this to 1,000 characters"),
        ({"get": tent.id}, "Tent: say from which day to which"),
        ({**lent, f"from-{tent.id}": day(-1)}, "Tent: the first day is over"),
        ({**lent, f"until-{tent.id}": day(0)}, "Tent: the last day is before the first"),
        ({**lent, f"until-{tent.id}": day(8)}, "Tent: it is lent for 7 days at most"),
        ({**lent, f"from-{tent.id}": day(364), f"until-{tent.id}": day(366)}, "within a year"),
        ({**lent, f"until-{tent.id}": "9999-12-31"}, "say from which day"),
    ]
    for sent, sentence in wrong:
        answer = browser.submit(path, {**SEND, **sent})
        assert answer.status_code == 422, sentence
        assert sentence in answer.text, sentence
    assert browser.submit(path, {**SEND, **lent}).status_code == 303


def test_days_that_are_promised_to_somebody_else_are_shown_and_refused(
    make, ama, boa, tent, lent, browser_of, rows
):
    make.exchange(make.member(), boa, [], [tent], state="accepted")
    browser = browser_of(ama)
    page = text_of(browser.page(f"/items/{tent.id}/swap"))
    assert "promised already from" in page
    answer = browser.submit(f"/items/{tent.id}/swap", {**SEND, **lent})
    assert answer.status_code == 422
    assert "Tent: it is promised already from" in answer.text
    later = {"get": tent.id, f"from-{tent.id}": day(4), f"until-{tent.id}": day(5)}
    assert browser.submit(f"/items/{tent.id}/swap", {**SEND, **later}).status_code == 303


def test_the_days_of_a_loan_are_those_of_its_owner(make, ama, boa, tent, browser_of, rows, at):
    make.profile(boa, time_zone="Pacific/Auckland")
    make.profile(ama, time_zone="America/Los_Angeles")
    # In Auckland it is the 2nd already.
    at(datetime(2027, 1, 1, 12, tzinfo=UTC))
    browser, path = browser_of(ama), f"/items/{tent.id}/swap"
    over = {"get": tent.id, f"from-{tent.id}": "2027-01-01", f"until-{tent.id}": "2027-01-03"}
    assert "Tent: the first day is over" in browser.submit(path, {**SEND, **over}).text
    sent = browser.submit(path, {**SEND, **over, f"from-{tent.id}": "2027-01-02"})
    assert sent.status_code == 303
    # From midnight to midnight, thirteen hours before those of UTC.
    ends = rows("SELECT lent_from, lent_until FROM exchange_items")[0]
    assert list(ends) == [datetime(2027, 1, day, 11, tzinfo=UTC) for day in (1, 3)]
    for member in (ama, boa):
        page = text_of(browser_of(member).page(sent.location))
        assert "Lent from 2 January 2027 to 3 January 2027" in page
    change = browser_of(boa).page(f"{sent.location}/change")
    typed = {field.get("name"): field.get("value") for field in change.iter("input")}
    assert typed[f"from-{tent.id}"] == "2027-01-02"
    assert typed[f"until-{tent.id}"] == "2027-01-03"
    # They stay the same when their owner moves.
    rows("UPDATE profiles SET time_zone = 'Europe/Rome' WHERE member_id = :id RETURNING member_id", id=boa.id)
    assert "Lent from 2 January 2027 to 3 January 2027" in text_of(browser_of(ama).page(sent.location))


def test_times_are_those_of_the_reader(make, ama, boa, exchange, browser_of, rows):
    make.profile(boa, time_zone="Africa/Lagos")
    rows("UPDATE exchanges SET open_until = '2031-05-01 23:30Z' RETURNING id")
    assert "until 2 May 2031, 00:30 WAT" in text_of(browser_of(boa).page(f"/swaps/{exchange.id}"))
    assert "until 1 May 2031, 23:30 UTC" in text_of(browser_of(ama).page(f"/swaps/{exchange.id}"))


def test_what_is_promised_for_good_can_be_proposed_and_waits(make, ama, boa, drill, boat, browser_of):
    make.exchange(make.member(), boa, [], [boat], state="accepted")
    browser = browser_of(ama)
    check = browser.submit(f"/items/{boat.id}/swap", {"get": boat.id, "open_days": "7", "go": "check"})
    assert "Something of it is promised already" in check.text
    sent = browser.submit(f"/items/{boat.id}/swap", {"get": boat.id, **SEND})
    page = browser_of(boa).get(sent.location).text
    assert "On hold" in page
    assert "/accept" not in page


def test_one_open_proposal_about_the_same_things(
    ama, boa, drill, boat, browser_of, exchange, rows, monkeypatch
):
    same = {"give": drill.id, "get": boat.id, **SEND}
    answer = browser_of(ama).submit(f"/items/{boat.id}/swap", same)
    assert answer.status_code == 409
    assert "There is an open proposal between the two of you" in answer.text
    back = {"give": boat.id, "get": drill.id, **SEND}
    assert browser_of(boa).submit(f"/items/{drill.id}/swap", back).status_code == 409
    assert browser_of(ama).submit(f"/items/{boat.id}/swap", {"get": boat.id, **SEND}).status_code == 303
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert browser_of(ama).submit(f"/items/{boat.id}/swap", same).status_code == 303
    assert rows("SELECT state FROM exchanges WHERE id = :id", id=exchange.id) == [("lapsed",)]


def test_what_is_not_to_be_seen_cannot_be_proposed(make, ama, boa, drill, browser_of, rows):
    suspended = make.suspended()
    listings = [
        make.listing(owner_id=boa.id, status="archived"),
        make.listing(owner_id=boa.id, hidden_at=days(0)),
        make.listing(owner_id=boa.id, lifetime_days=30, expires_at=days(-1)),
        make.listing(owner_id=suspended.id),
        make.listing(owner_id=make.member(leaving_at=days(0)).id),
    ]
    browser = browser_of(ama)
    for listing in listings:
        ((item_id,),) = rows("SELECT id FROM listing_items WHERE listing_id = :id", id=listing.id)
        for act in ("swap", "ask"):
            assert browser.get(f"/items/{item_id}/{act}").status_code == 404
            assert browser.submit(f"/items/{item_id}/{act}", {"get": item_id, **SEND}).status_code == 404
    assert browser.get("/items/999999/swap").status_code == 404


def test_blocked_members_cannot_propose(make, ama, boa, boat, browser_of):
    make.block(boa, ama)
    assert browser_of(ama).get(f"/items/{boat.id}/swap").status_code == 404
    assert browser_of(ama).submit(f"/items/{boat.id}/swap", {"get": boat.id, **SEND}).status_code == 404


def test_words_are_shown_as_they_are(make, ama, boa, boat, browser_of):
    markup = "<script>alert(1)</script>"
    browser = browser_of(ama)
    pages = [
        browser.submit(f"/items/{boat.id}/swap", {"get": boat.id, **SEND, "note": markup, "go": go})
        for go in ("check", "back", "send")
    ]
    pages.append(browser.submit(f"/items/{boat.id}/ask", {"words": markup}))
    texts = [page.text if page.status_code == 200 else browser.get(page.location).text for page in pages]
    for text in texts:
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_kept_or_refused_with_a_sentence(text, make, ama, boa, boat, browser_of):
    browser, swap = browser_of(ama), f"/items/{boat.id}/swap"
    declined = f"/swaps/{make.exchange(boa, ama).id}/decline"
    accepted = {"get": str(boat.id), **SEND}
    forms = [(swap, accepted, name) for name in ("get", "give", "open_days", "note", f"from-{boat.id}", "go")]
    forms += [(f"/items/{boat.id}/ask", {}, "words"), (declined, {}, "reason")]
    for path, values, name in forms:
        answer = browser.post(
            path,
            data=urlencode(values | {name: text, "csrf_token": browser.csrf_token()}),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in (200, 303, 409, 422), (name, answer.status)
        if answer.status_code == 303:
            browser.page(answer.location)
