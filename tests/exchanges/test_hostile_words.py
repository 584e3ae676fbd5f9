"""Hostile text in messages and reviews: kept and shown as it is, or refused with a sentence."""

from urllib.parse import urlencode

import pytest

from tests.support.hostile import HOSTILE
from tests.support.html import check_page


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_kept_or_refused_with_a_sentence(text, make, ama, boa, browser_of, rows):
    exchange, browser = make.exchange(ama, boa, state="completed"), browser_of(ama)
    for path, more, table in (
        ("messages", {}, "exchange_messages"),
        ("review", {"thumbs": "bad"}, "exchange_reviews"),
    ):
        sent = {**more, "words": text, "csrf_token": browser.csrf_token()}
        answer = browser.post(
            f"/swaps/{exchange.id}/{path}",
            data=urlencode(sent),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in (303, 413, 422)
        if answer.status_code == 422:
            assert "field__error" in answer.text
            check_page(answer.text)
        assert len(rows(f"SELECT words FROM {table}")) == (answer.status_code == 303)
    check_page(browser.get(f"/swaps/{exchange.id}").text)
