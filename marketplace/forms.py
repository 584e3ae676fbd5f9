"""What all forms share: text cleaned the same way, kind sentences, and a list of errors for the summary."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, FormField, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.validators import DataRequired, Length, StopValidation
from wtforms.widgets import TextInput

# Line breaks and tabs are part of a text. The other control characters, and the code points that
# Unicode keeps free of characters, are seen by nobody and make a page invalid; PostgreSQL cannot
# store a NUL at all.
_NONCHARACTERS = "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
INVISIBLE = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef{_NONCHARACTERS}]")
INVISIBLE_MESSAGE = "Invisible control characters were in this: they are taken out now, so look it over"
# Far more than any writing puts on a letter. Composing sorts them, in time that grows with their square.
MARKS_MAXIMUM = 100


def shows_anything(text: str | None) -> bool:
    """Tell whether there is anything to be seen in `text`: letters, digits or signs."""
    return any(unicodedata.category(character)[0] in "LNPS" for character in text or "")


class Required(DataRequired):
    """Asks for text that can be seen: not spaces alone, nor zero-width ones."""

    def __call__(self, form: Any, field: Field) -> None:
        if not shows_anything(field.data):
            field.errors[:] = []
            raise StopValidation(self.message)


class _CleanText(StringField):
    """Normalises what was typed to NFC with plain line breaks and no space around it.

    `garbled` tells that there were invisible characters in it, which are taken out.
    """

    garbled = False

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        visible = INVISIBLE.sub("", text)
        self.garbled = visible != text
        self.data = _composed(visible).strip()

    def pre_validate(self, form: Any) -> None:
        if self.garbled:
            raise StopValidation(INVISIBLE_MESSAGE)


class TextField(_CleanText):
    """One line of text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        parts = (part.strip() for part in re.split(r"[\n\t]", self.data))
        self.data = " ".join(part for part in parts if part)


class LongTextField(_CleanText, TextAreaField):
    """Several lines of text."""


class AddressField(_CleanText, EmailField):
    """An e-mail address."""


class NewPasswordField(PasswordField):
    """A password: kept to the letter, never shown again."""

    def pre_validate(self, form: Any) -> None:
        if self.data and "\x00" in self.data:
            raise StopValidation("Leave out the invisible control character")


class WholeNumberField(IntegerField):
    """A whole number in Western digits; spaces and commas between the digits are allowed. None when empty."""

    # A browser's number field would not send the commas, and would drop other text before anyone is told.
    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        digits = re.sub(r"[\s,]", "", valuelist[0]) if valuelist else ""
        self.data = None
        if not digits:
            return
        if not re.fullmatch(r"[0-9]{1,18}", digits):
            raise ValueError("Enter a whole number, such as 40")
        self.data = int(digits)

    def _value(self) -> str:
        return INVISIBLE.sub("", super()._value())


class Rows(FieldList):
    """A list of fields whose rows have short numbers; rows with any other number are not there."""

    def keep(self, entries: list[Any]) -> None:
        """Make `entries` the only rows, numbered from 0 as the next request will number them.

        With a gap in the numbers, a button that names a row would mean another one by then.
        """
        self.entries = entries
        self._compact_indices()

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        # WTForms takes all that `str.isdigit` takes for a number, which `int` does not.
        row = re.compile(rf"{re.escape(prefix)}-[0-9]{{1,4}}-")
        yield from super()._extract_indices(prefix, [name for name in formdata if row.match(name)])


def at_most(length: int) -> Length:
    """A limit in characters, with its sentence."""
    return Length(max=length, message=f"Shorten this to {length:,} characters or fewer")


class Form(FlaskForm):
    """Base class of the pages' forms."""

    class Meta(FlaskForm.Meta):
        """How the forms get at what was sent."""

        def wrap_formdata(self, form: FlaskForm, _formdata: Any) -> Any:
            """Take the fields alone: Flask-WTF would mix in files and JSON, whose values are no text."""
            return request.form if form.is_submitted() else None

    def error_list(self) -> list[tuple[str, str]]:
        """All errors in the page's order, each as (sentence, id of the field it belongs to)."""
        return [pair for field in self for pair in _errors_of(field)]


def _composed(text: str) -> str:
    """Return `text` in NFC, or as it is when so many marks follow each other that this would take long."""
    for are_marks, run in groupby(text, _is_mark):
        if are_marks and sum(1 for _ in run) > MARKS_MAXIMUM:
            return text
    return unicodedata.normalize("NFC", text)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _errors_of(field: Field) -> list[tuple[str, str]]:
    if isinstance(field, FieldList):
        own = [(str(error), field.id) for error in field.errors if isinstance(error, str)]
        # With several rows on the page, a sentence must say which of them it means.
        return own + [
            (f"{field.label.text} {number}: {message}", field_id)
            for number, entry in enumerate(field.entries, start=1)
            for message, field_id in _errors_of(entry)
        ]
    if isinstance(field, FormField):
        return [pair for inner in field.form for pair in _errors_of(inner)]
    return [(str(error), field.id) for error in field.errors]
