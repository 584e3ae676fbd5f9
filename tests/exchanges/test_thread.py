"""Messages in a swap: who can write, pictures, read marks, paging, reports and what is told of them."""

from datetime import timedelta

import pytest

from marketplace import clock
from marketplace.exchanges.thread_rules import TALK_LASTS
from marketplace.pictures.actions import delete_loose_pictures
from tests.support.html import text_of
from tests.support.pictures import as_upload, photo


@pytest.fixture
def after(monkeypatch):
    """Lets so much time go by."""

    def travel(span):
        moment = clock.now() + span
        monkeypatch.setattr(clock, "now", lambda: moment)

    return travel


@pytest.fixture
def write(browser_of):
    """Writes a message as a member, and returns the answer."""

    def send(member, exchange, words="Hello", **more):
        return browser_of(member).submit(f"/swaps/{exchange.id}/messages", {"words": words, **more})

    return send


@pytest.fixture
def told(rows):
    return lambda member: rows(
        "SELECT kind, read_at IS NULL FROM notifications WHERE member_id = :id", id=member.id
    )


def thread(browser, exchange, query=""):
    return browser.page(f"/swaps/{exchange.id}{query}").find(".//section[@id='thread']")


def test_what_one_side_writes_both_read(ama, boa, exchange, browser_of, write, told):
    answer = write(ama, exchange, "See https://example.org & <b>hello</b>")
    assert (answer.status_code, answer.location) == (303, f"/swaps/{exchange.id}#thread")
    for member, author in ((ama, "You,"), (boa, "ama,")):
        page = browser_of(member).get(f"/swaps/{exchange.id}").text
        assert "&lt;b&gt;hello&lt;/b&gt;" in page
        assert 'rel="nofollow ugc"' in page
        assert author in text_of(thread(browser_of(member), exchange))
    assert told(boa) == [("message", True)]
    assert told(ama) == []


def test_nobody_else_reads_or_writes(make, exchange, browser_of, rows):
    stranger = browser_of(make.member())
    for path in ("messages", "read"):
        assert (
            stranger.submit(f"/swaps/{exchange.id}/{path}", {"words": "x", "until": "1"}).status_code == 404
        )
    assert stranger.get(f"/swaps/{exchange.id}/messages/count").status_code == 404
    assert rows("SELECT id FROM exchange_messages") == []


@pytest.mark.parametrize(
    "state", ["question", "proposed", "accepted", "lent", "disputed", "completed", "declined"]
)
def test_a_thread_goes_with_every_state(state, make, ama, boa, write, rows):
    exchange = make.exchange(ama, boa, state=state)
    for member in (ama, boa):
        assert write(member, exchange).status_code == 303
    assert rows("SELECT author FROM exchange_messages ORDER BY id") == [("proposer",), ("receiver",)]


@pytest.mark.parametrize("state", ["completed", "proposed"])
def test_it_ends_thirty_days_after_the_swap(state, make, ama, boa, after, browser_of, write, rows):
    exchange = make.exchange(ama, boa, state=state)
    ended = exchange.closed_at or exchange.open_until
    after(ended + TALK_LASTS - clock.now() - timedelta(seconds=1))
    assert write(ama, exchange).status_code == 303
    after(timedelta(seconds=2))
    answer = write(ama, exchange, "Too late")
    assert answer.status_code == 409
    # What was typed is not lost.
    assert "Too late" in answer.text
    assert "or not any more" in text_of(thread(browser_of(ama), exchange))
    assert len(rows("SELECT id FROM exchange_messages")) == 1


@pytest.mark.parametrize("blocker", ["ama", "boa"])
def test_blocked_members_do_not_write_to_each_other(blocker, make, ama, boa, browser_of, write, rows):
    exchange = make.exchange(ama, boa, state="accepted")
    by, of = (ama, boa) if blocker == "ama" else (boa, ama)
    make.block(by, of)
    for member in (ama, boa):
        assert write(member, exchange).status_code == 409
        assert thread(browser_of(member), exchange).find(".//textarea") is None
    assert rows("SELECT id FROM exchange_messages") == []


def test_nobody_writes_to_who_has_left(make, ama, boa, write, rows):
    exchange = make.exchange(ama, boa, state="completed")
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=boa.id)
    assert write(ama, exchange).status_code == 409


def test_an_answer_to_a_question_passes_the_turn(make, ama, boa, write, told, rows):
    exchange = make.exchange(ama, boa, state="question")
    turn = "SELECT awaits FROM exchanges"
    # Who asked can add to it, and still waits.
    write(ama, exchange)
    assert rows(turn) == [("receiver",)]
    write(boa, exchange)
    assert rows(turn) == [("proposer",)]
    # Which is told once: as what it is.
    assert told(ama) == [("swap_reply", True)]
    write(boa, exchange)
    assert rows(turn) == [("proposer",)]
    assert rows("SELECT event, actor FROM exchange_events ORDER BY id") == [
        ("ask", "proposer"),
        ("reply", "receiver"),
    ]


def test_a_message_keeps_a_swap_from_being_silent_but_no_acceptance_from_being_undone(
    make, ama, boa, after, browser_of, write, rows, exchange
):
    browser_of(boa).submit(f"/swaps/{exchange.id}/accept", {"version": "1"})
    write(ama, exchange)
    assert browser_of(boa).submit(f"/swaps/{exchange.id}/undo").status_code == 303
    browser_of(boa).submit(f"/swaps/{exchange.id}/accept", {"version": "1"})
    after(timedelta(days=20))
    write(ama, exchange)
    assert rows("SELECT updated_at FROM exchanges") == [(clock.now(),)]


@pytest.mark.parametrize("words", ["", "  \n ", "\u200b", "x" * 2001])
def test_a_message_says_something(words, ama, exchange, write, rows):
    assert write(ama, exchange, words).status_code == 422
    assert rows("SELECT id FROM exchange_messages") == []


def test_words_that_listings_cannot_have_messages_cannot_either(make, ama, boa, exchange, write, rows):
    make.screened_word("casino")
    make.screened_word("ivory", outcome="hold")
    answer = write(ama, exchange, "My Casino!")
    assert answer.status_code == 422
    assert "Messages here cannot have “casino” in them" in answer.text
    assert rows("SELECT id FROM report_cases") == []
    # It arrives, and a moderator looks.
    assert write(ama, exchange, "It is of ivory").status_code == 303
    assert rows("SELECT kind, member_id FROM report_cases") == [("message", ama.id)]


def test_moderators_look_at_links_of_new_members_and_not_at_numbers(ama, exchange, write, rows):
    assert write(ama, exchange, "Call me: +44 20 7946 0000").status_code == 303
    assert rows("SELECT id FROM report_cases") == []
    assert write(ama, exchange, "Look at https://example.org/win").status_code == 303
    assert rows("SELECT kind FROM report_cases") == [("message",)]


def test_several_messages_are_one_notification_until_they_are_read(
    ama, boa, exchange, browser_of, write, told, rows
):
    for words in ("One", "Two", "Three"):
        write(ama, exchange, words)
    assert told(boa) == [("message", True)]
    browser = browser_of(boa)
    assert "3 new messages" in text_of(browser.page("/swaps"))
    last = rows("SELECT max(id) FROM exchange_messages")[0][0]
    answer = browser.submit(f"/swaps/{exchange.id}/read", {"until": last})
    assert (answer.status_code, answer.location) == (303, f"/swaps/{exchange.id}#thread")
    assert "new message" not in text_of(browser.page("/swaps"))
    assert told(boa) == [("message", False)]
    write(ama, exchange, "Four")
    assert told(boa) == [("message", False), ("message", True)]
    assert "1 new message" in text_of(browser.page("/swaps"))


def test_another_day_is_another_notification(ama, boa, exchange, write, told, after):
    write(ama, exchange)
    after(timedelta(days=1))
    write(ama, exchange)
    assert told(boa) == [("message", True)] * 2


def test_looking_alone_marks_nothing_as_read(ama, boa, exchange, browser_of, write, rows):
    write(ama, exchange)
    for _ in range(2):
        assert thread(browser_of(boa), exchange).find(".//form[@data-read]") is not None
    assert rows("SELECT side FROM exchange_reads WHERE side = 'receiver'") == []
    lines = [text_of(line) for line in thread(browser_of(ama), exchange).iter("p")]
    assert "Hello" in lines
    assert "Read" not in lines


def test_answering_marks_what_the_page_showed_as_read(ama, boa, exchange, browser_of, write, rows):
    write(ama, exchange, "One")
    shown = rows("SELECT max(id) FROM exchange_messages")[0][0]
    write(ama, exchange, "Not seen yet")
    write(boa, exchange, "Answer", seen=shown)
    assert rows("SELECT message_id FROM exchange_reads WHERE side = 'receiver'") == [(shown,)]
    marked = [
        item
        for item in thread(browser_of(ama), exchange).iter("li")
        if "Read" in [text_of(line) for line in item.iter("p")]
    ]
    assert [item.get("id") for item in marked] == [f"message-{shown}"]


def test_what_was_read_stays_read_and_nothing_beyond_the_thread_is(
    ama, boa, exchange, browser_of, write, rows, make
):
    for _ in range(2):
        write(ama, exchange)
    ids = [row[0] for row in rows("SELECT id FROM exchange_messages ORDER BY id")]
    browser = browser_of(boa)
    for until, expected in ((10**18, ids[1]), (ids[0], ids[1])):
        browser.submit(f"/swaps/{exchange.id}/read", {"until": until})
        read = rows("SELECT message_id FROM exchange_reads WHERE side = 'receiver'")
        assert read == [(expected,)]
    for until in ("", "0", "x", "-1", str(10**30)):
        assert browser.submit(f"/swaps/{exchange.id}/read", {"until": until}).status_code == 400


def test_long_threads_are_shown_part_by_part(make, ama, boa, exchange, browser_of):
    numbers = [make.message(exchange, f"Number {number}").id for number in range(70)]
    browser, seen, path = browser_of(boa), [], f"/swaps/{exchange.id}"
    while path:
        found = browser.page(path).find(".//section[@id='thread']")
        parts = [int(item.get("id").split("-")[1]) for item in found.iter("li") if item.get("id")]
        assert parts == sorted(parts)
        seen = parts + seen
        earlier = found.find(".//a[@rel='prev']")
        path = earlier.get("href").split("#")[0] if earlier is not None else None
    assert seen == numbers
    assert "The newest messages" in text_of(thread(browser, exchange, f"?before={numbers[40]}"))
    for odd in ("x", "", "-5", "1e9", str(10**30)):
        assert thread(browser, exchange, f"?before={odd}") is not None


def test_the_page_takes_as_many_statements_however_much_is_written(make, boa, exchange, browser_of):
    browser, counts = browser_of(boa), []
    for _ in range(2):
        for _ in range(5):
            make.picture(message_id=make.message(exchange, "x").id)
        browser.page(f"/swaps/{exchange.id}")
        counts.append(len(browser.statements))
    assert counts[0] == counts[1]


def test_scripts_can_ask_how_many_are_new(ama, boa, exchange, browser_of, write):
    address = thread(browser_of(boa), exchange).get("data-count")
    assert browser_of(boa).get(address).get_json() == {"new": 0, "words": "0 new messages"}
    write(ama, exchange)
    answer = browser_of(boa).get(address)
    assert answer.get_json() == {"new": 1, "words": "1 new message"}
    assert answer.headers["Cache-Control"] == "private, no-store"
    # What one writes oneself is not new.
    assert browser_of(ama).get(f"/swaps/{exchange.id}/messages/count").get_json()["new"] == 0


def test_pictures_are_for_the_two_alone(make, ama, boa, exchange, browser_of, write, client, rows):
    answer = write(ama, exchange, "", pictures=[as_upload(photo()), as_upload(photo())])
    assert answer.status_code == 303
    pictures = rows("SELECT id, key, message_id IS NOT NULL FROM pictures ORDER BY id")
    assert [row[2] for row in pictures] == [True, True]
    picture_id, key, _ = pictures[0]
    address = f"/swaps/{exchange.id}/pictures/{picture_id}/320.webp"
    for member in (ama, boa):
        page = browser_of(member).get(f"/swaps/{exchange.id}").text
        assert address in page
        assert key not in page
        shown = browser_of(member).get(address)
        assert (shown.status_code, shown.mimetype) == (200, "image/webp")
        assert shown.headers["Cache-Control"] == "private, no-cache"
    other = make.exchange(ama, make.member())
    assert browser_of(ama).get(f"/swaps/{other.id}/pictures/{picture_id}/320.webp").status_code == 404
    assert browser_of(make.member()).get(address).status_code == 404
    assert client.get(address).status_code == 303
    moderator = make.member(role="moderator")
    assert browser_of(moderator).get(address).status_code == 404
    message_id = rows("SELECT id FROM exchange_messages")[0][0]
    make.case(kind="message", object_id=message_id, listing_id=None, member_id=ama.id, name="x")
    assert browser_of(moderator).get(address).status_code == 200
    assert browser_of(make.member()).get(address).status_code == 404


def test_more_than_four_pictures_and_what_is_none_are_refused(ama, exchange, write, rows):
    answer = write(ama, exchange, "Look", pictures=[as_upload(photo()) for _ in range(5)])
    assert answer.status_code == 422
    assert "Choose at most 4 pictures" in answer.text
    answer = write(ama, exchange, "Look", pictures=[as_upload(photo()), as_upload(b"none", "a.txt")])
    assert answer.status_code == 422
    assert "“a.txt” is not a JPEG" in answer.text
    assert rows("SELECT id FROM exchange_messages") == rows("SELECT id FROM pictures") == []


def test_the_sweep_leaves_pictures_of_messages(context, make, exchange, rows):
    kept = make.picture(message_id=make.message(exchange, "x").id)
    make.picture()
    delete_loose_pictures(clock.now() + timedelta(days=1))
    assert rows("SELECT id FROM pictures") == [(kept.id,)]


def test_a_message_can_be_reported_by_the_other_side_alone(make, ama, boa, exchange, browser_of, rows):
    words = [f"Number {number}" for number in range(20)]
    messages = [make.message(exchange, text, created_at=clock.now()) for text in words]
    reported = messages[10]
    address = f"/report/message/{reported.id}"
    assert address in browser_of(boa).get(f"/swaps/{exchange.id}").text
    assert address not in browser_of(ama).get(f"/swaps/{exchange.id}").text
    assert browser_of(make.member()).get(address).status_code == 404
    assert browser_of(ama).get(address).status_code == 303
    assert "a message by ama" in text_of(browser_of(boa).page(address))
    assert browser_of(boa).submit(address, {"reason": "insulting"}).status_code == 303
    case_id, member_id = rows("SELECT id, member_id FROM report_cases")[0]
    assert member_id == ama.id
    moderator = browser_of(make.member(role="moderator"))
    page = text_of(moderator.page(f"/moderation/cases/{case_id}"))
    shown = [text for text in words if f"{text} " in f"{page} "]
    assert shown == words[5:16]
    assert "reported" in page
    # A moderator sees no other page of the swap.
    assert moderator.get(f"/swaps/{exchange.id}").status_code == 404
    answer = moderator.submit(
        f"/moderation/cases/{case_id}", {"version": "0", "decision": "warn", "reason": "Be kind."}
    )
    assert answer.status_code == 303


def test_what_a_former_member_wrote_is_said_to_be_gone(make, ama, boa, exchange, browser_of, rows):
    make.message(exchange, "")
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=ama.id)
    said = text_of(thread(browser_of(boa), exchange))
    assert "A former member" in said
    assert "Removed with the account" in said


def test_a_message_of_who_proposed_is_no_question(make, ama, boa, exchange, browser_of):
    make.message(exchange, "Hello")
    assert "It began with a question" not in text_of(browser_of(boa).page(f"/swaps/{exchange.id}"))


def test_the_history_says_when_and_leads_to_each_proposal(make, ama, boa, drill, boat, browser_of):
    exchange = make.exchange(ama, boa, [drill], [boat])
    answer = browser_of(boa).submit(
        f"/swaps/{exchange.id}/change",
        {"version": "1", "give": boat.id, "go": "send", "open_days": "7"},
    )
    assert answer.status_code == 303
    page = browser_of(ama).page(f"/swaps/{exchange.id}")
    links = [link.get("href") for link in page.iter("a") if text_of(link).startswith("See proposal")]
    assert links == ["#latest", "#proposal-1"]
    for link in links:
        assert page.find(f".//*[@id='{link[1:]}']") is not None
    assert "UTC" in text_of(page.find(".//section[@aria-labelledby='history']"))
