"""Administrators keep the list of screened words."""

from urllib.parse import urlencode

import pytest

from marketplace.screening import queries
from tests.support.hostile import HOSTILE
from tests.support.html import text_of

PAGE = "/moderation/words"
WORD = {"words": "Snake Oil", "outcome": "hold", "note": "Promises too much"}


@pytest.fixture
def administrator(make):
    return make.administrator()


@pytest.fixture
def browser(browser_of, administrator):
    return browser_of(administrator)


def test_words_are_added_and_removed_and_each_is_in_the_log(browser, administrator, rows):
    assert "No words" in text_of(browser.page(PAGE))
    assert browser.submit(PAGE, WORD).status_code == 303
    assert rows("SELECT words, folded, outcome, note FROM screened_words") == [
        ("Snake Oil", "snake oil", "hold", "Promises too much")
    ]
    words = text_of(browser.page(PAGE))
    assert "Snake Oil" in words
    assert "Promises too much" in words
    ((word_id,),) = rows("SELECT id FROM screened_words")
    assert browser.submit(f"{PAGE}/{word_id}/remove").status_code == 303
    assert rows("SELECT count(*) FROM screened_words") == [(0,)]
    assert rows(
        "SELECT actor_id, action, object_kind, object_id, before ->> 'words' FROM audit_log ORDER BY id"
    ) == [
        (administrator.id, "screen", "word", word_id, "Snake Oil"),
        (administrator.id, "stop_screening", "word", word_id, "Snake Oil"),
    ]
    assert "Snake Oil" in text_of(browser.page("/moderation/log"))


def test_removing_twice_is_told(browser, make):
    word = make.screened_word()
    browser.submit(f"{PAGE}/{word.id}/remove")
    again = browser.submit(f"{PAGE}/{word.id}/remove")
    assert "Somebody has removed these words already." in browser.get(again.location).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"words": ""}, "Write the words"),
        ({"words": "!?"}, "Write words with letters or digits in them"),
        ({"words": "a" * 81}, "80"),
        ({"words": "snake-öil"}, "These words are in the list already"),
        ({"outcome": ""}, "Choose what happens"),
        ({"outcome": "burn"}, "Choose what happens"),
        ({"note": "a" * 201}, "200"),
    ],
)
def test_each_mistake_has_a_sentence_and_nothing_is_lost(browser, make, rows, change, sentence):
    make.screened_word("snake oil")
    answer = browser.submit(PAGE, WORD | {"words": "Ivory"} | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    if "note" not in change:
        assert "Promises too much" in answer.text
    assert rows("SELECT count(*) FROM screened_words") == [(1,)]


def test_the_list_has_an_end(browser, make, monkeypatch):
    monkeypatch.setattr(queries, "WORDS_MAXIMUM", 1)
    make.screened_word()
    answer = browser.submit(PAGE, WORD)
    assert answer.status_code == 422
    assert "takes no more" in answer.text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_kept_or_refused_and_shown_as_they_are(browser, text):
    token = browser.csrf_token()
    for field in ("words", "note"):
        body = urlencode(WORD | {field: text, "csrf_token": token})
        answer = browser.post(PAGE, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (303, 422)
        browser.page(PAGE)


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_for_others_there_is_no_such_page(make, browser_of, rows, role):
    word = make.screened_word()
    browser = browser_of(getattr(make, role)())
    assert browser.get(PAGE).status_code == 404
    assert browser.submit(PAGE, WORD).status_code == 404
    assert browser.submit(f"{PAGE}/{word.id}/remove").status_code == 404
    assert rows("SELECT words FROM screened_words") == [("ivory",)]


def test_a_visitor_logs_in_first(client):
    assert client.get(PAGE).status_code == 303
