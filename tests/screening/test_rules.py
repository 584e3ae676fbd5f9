"""What is found in the text of a listing."""

import pytest

from marketplace.screening import rules


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Snake  Oil", "snake oil"),
        ("snake-oil, please", "snake oil please"),
        ("Épée für Größe", "epee fur grosse"),
        ("\uff33\uff2e\uff21\uff2b\uff25", "snake"),
        ("\U0001d412nake", "snake"),
        ("sna\u200bke", "snake"),
        ("İvory_3", "ivory 3"),
        ("!?", ""),
        ("", ""),
    ],
)
def test_words_are_compared_without_case_accents_and_signs(text, folded):
    assert rules.fold(text) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An IVORY comb", ["ivory"]),
        ("ivory", ["ivory"]),
        ("Snake -- Oil", ["snake oil"]),
        ("Ivory and snake oil", ["ivory", "snake oil"]),
        ("An ivorylike comb", []),
        ("snake in oil", []),
        ("i v o r y", []),
        ("", []),
    ],
)
def test_only_whole_words_count(text, found):
    assert rules.words_in([text], ["ivory", "snake oil"]) == found


def test_words_do_not_go_on_from_one_text_to_the_next():
    assert rules.words_in(["A snake", "oil"], ["snake oil"]) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://example.org/a?b=c now", {"https://example.org/a?b=c": "a link"}),
        ("HTTP://EXAMPLE.ORG", {"HTTP://EXAMPLE.ORG": "a link"}),
        ("www.example.xy", {"www.example.xy": "a link"}),
        ("Look at shop.example.com/drill.", {"shop.example.com/drill": "a link"}),
        ("..müller.com!", {"müller.com": "a link"}),
        ("exam\u200bple.com", {"example.com": "a link"}),
        ("Write to me+you@mail.example.org", {"me+you@mail.example.org": "an e-mail address"}),
        ("me@example.com", {"me@example.com": "an e-mail address"}),
        ("Call +44 20 7946 0958", {"+44 20 7946 0958": "a phone number"}),
        ("Call (030) 1234567!", {"(030) 1234567": "a phone number"}),
        ("0171/1234567", {"0171/1234567": "a phone number"}),
        ("555-123-4567", {"555-123-4567": "a phone number"}),
        ("(555) 123-4567", {"(555) 123-4567": "a phone number"}),
        ("\uff10171 1234567", {"0171 1234567": "a phone number"}),
    ],
)
def test_what_leads_elsewhere_is_found(text, found):
    assert rules.contacts_in([text]) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A drill, e.g. for wood. 3.5 mm, No.5",
        "Made 1990-2000, used on 2026-11-27 and 01/02/2026",
        "From 01.02.2026-03.04.2026",
        "1200 x 800 x 600 mm, 1 000 000 stitches, 1,000,000",
        "ISBN 978-3-16-148410-0",
        "Serial 123456789012",
        "Meet me @ home",
        "I like it.It is good.",
        "Node.js and .NET books",
        "12345678901234567890123",
    ],
)
def test_what_only_looks_a_little_like_it_is_not(text):
    assert rules.contacts_in([text]) == {}


LONG = ("a", "a.", "a@", "0 ", "e\u0301\u0302", "1(", "www.", "a-", "+1")


@pytest.mark.parametrize("text", [part * (80_000 // len(part)) for part in LONG], ids=range(len(LONG)))
def test_a_long_text_takes_time_that_grows_with_it(text):
    # Were it to grow with the square, this would take minutes, and the time that a test may take ends it.
    rules.contacts_in([text])
    rules.words_in([text], [f"word {number}" for number in range(500)])


def test_a_member_is_known_after_three_listings():
    assert [rules.is_known(settled) for settled in (0, 2, 3)] == [False, False, True]


def test_moderators_are_told_why():
    told = rules.reason_to_look(["Ivory"], {"me@example.org": "an e-mail address"}, 1000)
    assert told.splitlines() == [
        "It has “Ivory” in it, which is to be looked at.",
        "It has an e-mail address in it, and is of a member who is new here: me@example.org",
    ]
    assert len(rules.reason_to_look([], {"x" * 2000: "a link"}, 1000)) == 1000
