"""Sentences about files name them as their owner knows them, and never as anything else."""

import pytest

from marketplace.pictures import rules


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("C:\\Users\\ann\\Bilder\\Überbär 東京.jpg", "Überbär 東京.jpg"),
        ("/home/ann/../photo.jpg", "photo.jpg"),
        ("a\x00b\u202ec\n.jpg", "abc.jpg"),
        ("x" * 300, "x" * 59 + "…"),
        ("", "This file"),
        (None, "This file"),
        ("\u200b/", "This file"),
    ],
)
def test_a_file_is_called_what_can_be_shown(sent, shown):
    assert rules.shown_name(sent) == shown


def test_every_sentence_is_one_and_names_the_file():
    for reason in rules.SENTENCES:
        sentence = rules.sentence(reason, "ladder")
        assert sentence.startswith("“ladder” ")
        assert sentence.endswith(".")
        assert sentence.count(".") == 1


def test_the_limits_that_sentences_name_are_those_that_hold():
    assert (rules.FILE_MAXIMUM, rules.PIXELS_MAXIMUM) == (15_000_000, 50_000_000)
    assert "up to 8 pictures" in rules.sentence("too_many", "a")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" A  drill,\r\nin its case ", "A drill, in its case"),
        ("a\x00\u200eb", "ab"),
        ("x" * 201, "x" * 200),
        ("", ""),
    ],
)
def test_an_alternative_text_is_one_line(typed, stored):
    assert rules.plain_alt(typed) == stored
