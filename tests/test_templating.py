"""The filters of the templates."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from jinja2 import UndefinedError

from marketplace import templating

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=5), "just now"),
        (timedelta(seconds=90), "1 minute ago"),
        (timedelta(minutes=59, seconds=30), "59 minutes ago"),
        (timedelta(minutes=61), "1 hour ago"),
        (timedelta(hours=23.5), "23 hours ago"),
        (1.5 * DAY, "1 day ago"),
        (6.5 * DAY, "6 days ago"),
        (7.5 * DAY, "1 week ago"),
        (29.5 * DAY, "4 weeks ago"),
        (30.5 * DAY, "1 month ago"),
        (364.5 * DAY, "12 months ago"),
        (366 * DAY, "1 year ago"),
        (731 * DAY, "2 years ago"),
    ],
)
def test_age_in_words(passed, words):
    assert templating.age(datetime.now(UTC) - passed) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (-DAY, "less than a day"),
        (0.9 * DAY, "less than a day"),
        (1.1 * DAY, "1 day"),
        (2.9 * DAY, "2 days"),
        (90.5 * DAY, "90 days"),
    ],
)
def test_time_left_in_words(left, words):
    assert templating.time_left(datetime.now(UTC) + left) == words


def test_a_day_has_its_year_unless_it_is_this_one():
    now = datetime.now(UTC)
    assert templating.day(now) == f"{now.day} {now:%B}"
    assert templating.day(datetime(2001, 5, 3, tzinfo=UTC)) == "3 May 2001"
    assert templating.day(datetime(2001, 5, 3, 1, tzinfo=timezone(2 * timedelta(hours=1)))) == "2 May 2001"


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("", ""),
        ("one", "<p>one</p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("one\n\n\n\ntwo\n", "<p>one</p>\n<p>two</p>"),
        ("one\r\n\r\ntwo", "<p>one</p>\n<p>two</p>"),
        ("<b>&\n<br>", "<p>&lt;b&gt;&amp;<br>&lt;br&gt;</p>"),
        ("{0} %s", "<p>{0} %s</p>"),
        (
            "See https://example.org/a?b=1&c=2.",
            '<p>See <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc">'
            "https://example.org/a?b=1&amp;c=2</a>.</p>",
        ),
        (
            "(www.example.org)\nx",
            '<p>(<a href="https://www.example.org" rel="nofollow ugc">www.example.org</a>)<br>x</p>',
        ),
        (
            "https://example.org/\"onclick='x'<b>",
            '<p><a href="https://example.org/&#34;onclick=&#39;x&#39;&lt;b&gt;" rel="nofollow ugc">'
            "https://example.org/&#34;onclick=&#39;x&#39;&lt;b&gt;</a></p>",
        ),
        ("javascript:alert(1) data:text/html,x", "<p>javascript:alert(1) data:text/html,x</p>"),
    ],
)
def test_paragraphs_of_plain_text(text, markup):
    assert str(templating.paragraphs(text)) == markup


@pytest.mark.parametrize("piece", [")", "a.", "@a.", "www.", "(", "&", "http://", "a@"])
def test_looking_for_addresses_takes_time_in_proportion_to_the_text(piece):
    def seconds(text):
        began = time.process_time()
        templating.paragraphs(text)
        return time.process_time() - began

    # A text of 5,000 characters is the longest there is. Squared, the time would be some 0.2 s and more.
    assert min(seconds(piece * (5000 // len(piece)) + "!") for _ in range(3)) < 0.1


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")]
)
def test_thousands(number, text):
    assert templating.thousands(number) == text


def test_a_misspelt_name_is_an_error(app):
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ mispelt }}").render()
