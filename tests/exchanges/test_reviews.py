"""What the two say about each other when a swap is completed, and what a member's page tells of swaps."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from marketplace import clock
from marketplace.exchanges import review_queries
from marketplace.exchanges.course_models import ExchangeEvent
from marketplace.exchanges.review_rules import REVIEW_LASTS, answers_in_words
from marketplace.listings.paging import Place
from tests.exchanges.test_pages import rows_read
from tests.support.html import text_of

HOUR = timedelta(hours=1)


@pytest.fixture
def after(monkeypatch):
    """Lets so much time go by."""

    def travel(span):
        moment = clock.now() + span
        monkeypatch.setattr(clock, "now", lambda: moment)

    return travel


@pytest.fixture
def done(make, ama, boa, drill, boat):
    return make.exchange(ama, boa, [drill], [boat], state="completed")


@pytest.fixture
def answered(make, ama, boa):
    """Makes proposals to Boa, answered so long after."""

    def make_some(*spans, proposer=None):
        for span in spans:
            exchange = make.exchange(proposer or ama, boa, state="accepted")
            make.saved(
                ExchangeEvent(
                    exchange_id=exchange.id,
                    event="accept",
                    actor="receiver",
                    version=1,
                    at=exchange.created_at + span,
                )
            )

    return make_some


def say(browser, exchange, thumbs="good", words="A good swap"):
    return browser.submit(f"/swaps/{exchange.id}/review", {"thumbs": thumbs, "words": words})


def facts_of(page):
    pairs = [pair for pair in page.iter("div") if pair.find("dt") is not None]
    return {text_of(pair.find("dt")): text_of(pair.find("dd")) for pair in pairs}


def test_reviews_are_shown_together(ama, boa, done, browser_of, client):
    answer = say(browser_of(ama), done, words="Boa was kind")
    assert (answer.status_code, answer.location) == (303, f"/swaps/{done.id}#reviews")
    assert "Boa was kind" in text_of(browser_of(ama).page(f"/swaps/{done.id}"))
    assert "Boa was kind" not in text_of(browser_of(boa).page(f"/swaps/{done.id}"))
    assert "Boa was kind" not in text_of(client.page("/members/boa"))
    say(browser_of(boa), done, "mixed", "Ama was late")
    for member in (ama, boa):
        page = text_of(browser_of(member).page(f"/swaps/{done.id}"))
        assert "Boa was kind" in page
        assert "Ama was late" in page
    for path in ("/members/boa", "/members/boa/reviews"):
        page = text_of(client.page(path))
        assert "Boa was kind" in page
        assert "Ama was late" not in page
    assert "Ama was late" in text_of(client.page("/members/ama"))


def test_one_alone_is_shown_after_two_weeks_and_none_comes_later(
    ama, boa, done, browser_of, client, after, rows
):
    say(browser_of(ama), done, words="Boa was kind")
    after(REVIEW_LASTS - timedelta(minutes=5))
    assert "Boa was kind" not in text_of(client.page("/members/boa"))
    assert browser_of(boa).get(f"/swaps/{done.id}/review").status_code == 200
    after(timedelta(minutes=6))
    assert "Boa was kind" in text_of(client.page("/members/boa"))
    assert browser_of(boa).get(f"/swaps/{done.id}/review").status_code == 303
    assert say(browser_of(boa), done, "bad", "No, you").status_code == 303
    assert rows("SELECT side FROM exchange_reviews") == [("proposer",)]


@pytest.mark.parametrize("state", ["proposed", "accepted", "lent", "disputed", "cancelled", "closed"])
def test_only_completed_swaps_are_reviewed(state, make, ama, boa, browser_of, rows):
    exchange = make.exchange(ama, boa, state=state)
    browser = browser_of(ama)
    assert browser.get(f"/swaps/{exchange.id}/review").status_code == 303
    assert say(browser, exchange).status_code == 303
    assert rows("SELECT side FROM exchange_reviews") == []


def test_each_side_says_it_once_and_nobody_else_does(make, ama, done, browser_of, rows):
    browser = browser_of(ama)
    for words in ("First", "Second"):
        say(browser, done, words=words)
    assert rows("SELECT words FROM exchange_reviews") == [("First",)]
    stranger = browser_of(make.member())
    assert stranger.get(f"/swaps/{done.id}/review").status_code == 404
    assert say(stranger, done).status_code == 404


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"thumbs": ""}, "Choose how it went"),
        ({"thumbs": "superb"}, "Choose how it went"),
        ({"words": "x" * 1001}, "1,000 characters or fewer"),
        ({"words": "My casino"}, "Reviews here cannot have “casino” in them"),
    ],
)
def test_what_is_wrong_is_said(values, sentence, make, ama, done, browser_of, rows):
    make.screened_word("casino")
    answer = say(browser_of(ama), done, **values)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows("SELECT side FROM exchange_reviews") == []


def test_a_review_can_be_reported_once_it_is_shown(make, ama, boa, done, browser_of, client, rows):
    review = make.review(done, words="Boa is a thief")
    address = f"/report/review/{review.id}"
    assert browser_of(boa).get(address).status_code == 404
    make.review(done, side="receiver")
    assert address in client.get("/members/boa").text
    assert address not in browser_of(ama).get("/members/boa").text
    page = browser_of(boa).page(address)
    assert "a review by ama" in text_of(page)
    assert browser_of(boa).submit(address, {"reason": "insulting"}).status_code == 303
    case_id, member_id = rows("SELECT id, member_id FROM report_cases")[0]
    assert member_id == ama.id
    said = text_of(browser_of(make.member(role="moderator")).page(f"/moderation/cases/{case_id}"))
    assert "Boa is a thief" in said


def test_many_reviews_go_on_page_by_page(make, ama, boa, client):
    for number in range(45):
        exchange = make.exchange(ama, boa, state="completed")
        for side in ("proposer", "receiver"):
            make.review(exchange, side=side, words=f"{side} {number}", created_at=clock.now())
    seen, path = [], "/members/boa/reviews"
    while path:
        page = client.page(path)
        seen += [text_of(words) for words in page.findall(".//ul[@role='list']/li/div")]
        older = page.find(".//a[@rel='next']")
        path = older.get("href") if older is not None else None
    assert seen == [f"proposer {number}" for number in reversed(range(45))]
    assert client.get("/members/boa/reviews?older=1-1").status_code == 404
    assert "All reviews" in text_of(client.page("/members/boa"))
    assert client.get("/members/nobody/reviews").status_code == 404


def test_a_page_without_reviews_says_so(ama, client):
    assert "Nobody has said anything yet" in text_of(client.page("/members/ama/reviews"))


def test_who_left_says_it_without_a_name(make, ama, boa, done, client, rows):
    make.review(done, words="")
    make.review(done, side="receiver")
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=ama.id)
    assert "A former member" in text_of(client.page("/members/boa/reviews"))


def test_swaps_are_counted(make, ama, boa, client):
    for state in ("completed", "completed", "cancelled", "declined", "accepted", "closed"):
        make.exchange(ama, boa, state=state)
    make.exchange(boa, ama, state="completed")
    for name in ("ama", "boa"):
        facts = facts_of(client.page(f"/members/{name}"))
        assert facts["Swaps"] == "3 completed, 1 fell through"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.5, "usually answers within an hour"),
        (1, "usually answers within an hour"),
        (5, "usually answers within a few hours"),
        (24, "usually answers within a day"),
        (24.1, "usually answers within three days"),
        (160, "usually answers within a week"),
        (200, "usually takes over a week to answer"),
    ],
)
def test_the_usual_time_in_words(hours, words):
    assert answers_in_words(hours * 3600, 3) == words
    assert answers_in_words(hours * 3600, 2) is None


def test_the_middle_answer_is_told_of_the_last_twenty(context, answered, make, ama, boa, client):
    answered(2 * HOUR, 20 * HOUR)
    assert "Proposals" not in facts_of(client.page("/members/boa"))
    answered(100 * HOUR)
    assert facts_of(client.page("/members/boa"))["Proposals"] == "Usually answers within a day"
    # Who proposes does not answer.
    assert "Proposals" not in facts_of(client.page("/members/ama"))
    answered(*[HOUR / 2] * 20)
    assert review_queries.record_of(boa.id).answers == "usually answers within an hour"
    # What is not answered, and questions, say nothing.
    for state in ("proposed", "lapsed", "question"):
        make.exchange(ama, boa, state=state)
    assert review_queries.record_of(boa.id).answers == "usually answers within an hour"


def test_it_looks_at_no_more_for_ten_thousand_swaps(context, make, ama, boa, rows, connection):
    for side, other in (("proposer", "receiver"), ("receiver", "proposer")):
        rows(
            f"INSERT INTO exchanges ({side}_id, {other}_id, state, version, open_until, accepted_at,"
            " accepted_by, closed_at, closed_by, completed_at)"
            " SELECT :boa, :ama, 'completed', 1, now(), now(), 'receiver', now(), 'receiver', now()"
            " FROM generate_series(1, 5000) RETURNING id",
            boa=boa.id,
            ama=ama.id,
        )
    rows(
        "INSERT INTO exchange_events (exchange_id, event, actor, version)"
        " SELECT id, event, actor, 1 FROM exchanges,"
        " (VALUES ('propose', 'proposer'), ('accept', 'receiver')) AS happened (event, actor) RETURNING id"
    )
    rows(
        "INSERT INTO exchange_reviews (exchange_id, side, about_id, thumbs)"
        " SELECT id, side, CASE side WHEN 'proposer' THEN receiver_id ELSE proposer_id END, 'good'"
        " FROM exchanges, (VALUES ('proposer'), ('receiver')) AS sides (side) RETURNING id",
    )
    for table in ("exchanges", "exchange_events", "exchange_reviews"):
        connection.exec_driver_sql(f"ANALYZE {table}")
    sent = []

    @event.listens_for(connection, "before_cursor_execute")
    def note(conn, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    assert review_queries.record_of(boa.id).swaps == "more than 1,000 completed, 0 fell through"
    assert len(review_queries.page_of_reviews(boa.id, Place()).rows) == review_queries.PAGE_SIZE
    event.remove(connection, "before_cursor_execute", note)
    assert len(sent) == 2
    for statement, parameters in sent:
        explained = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        assert rows_read(explained.scalar()[0]["Plan"]) < 5000
