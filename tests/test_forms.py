"""What all forms share: text is cleaned in little time, whatever it is, and only fields are read."""

import io
import json
import time
import unicodedata

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form as PlainForm

from marketplace.forms import LongTextField, TextField

SIZE = 40_000
# Far more than reading so much text takes, far less than any work that grows with its square.
PATIENCE_SECONDS = 1


class Note(PlainForm):
    """A form with one field of each kind of text."""

    line = TextField()
    text = LongTextField()


def read(**fields):
    """Return the form that a browser's fields fill."""
    return Note(MultiDict(fields))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\ttwo", "one two"),
        ("one \r\n\r\n \t two", "one two"),
        ("one  two", "one  two"),
        (" \n one\n", "one"),
        ("\n\t", ""),
    ],
)
def test_a_line_has_a_space_for_its_breaks_and_tabs(typed, kept):
    assert read(line=typed).line.data == kept


@pytest.mark.parametrize(
    "typed", ["e\u0301", "\u1100\u1161\u11a8", "\u03b1\u0313\u0300\u0345", "a" + "\u0301\u0323" * 15]
)
def test_text_is_composed(typed):
    assert read(text=typed).text.data == unicodedata.normalize("NFC", typed) != typed


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * SIZE + "b",
        "a" + "\n " * SIZE + "b",
        "a" + "\u0315\u0316" * SIZE,
        "a" + "\u0f73" * SIZE,
    ],
    ids=["spaces", "breaks", "marks", "marks made of marks"],
)
def test_no_text_takes_long_to_read(text):
    started = time.process_time()
    read(line=text, text=text)
    assert time.process_time() - started < PATIENCE_SECONDS


@pytest.mark.parametrize("name", ["username", "password", "next", "remember"])
def test_a_file_in_place_of_a_text_is_no_text(name, client):
    fields = {"username": "member-1", "password": "some words of nobody"}
    fields[name] = (io.BytesIO(b"text"), "file.txt")
    response = client.submit("/login", fields, content_type="multipart/form-data")
    assert response.status_code == 422


@pytest.mark.parametrize("sent", [{"username": 5}, {"username": {}}, [1], "text", 5, None])
def test_json_is_no_form(sent, client):
    response = client.post(
        "/login",
        data=json.dumps(sent),
        content_type="application/json",
        headers={"X-CSRFToken": client.csrf_token()},
    )
    assert response.status_code == 422
