"""What all forms share: text cleaned the same way, kind sentences, and a list of errors for the summary."""

import re
import unicodedata
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, FormField, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.validators import Length
from wtforms.widgets import TextInput

# Line breaks and tabs are part of a text; the other control characters are seen by nobody, and
# PostgreSQL cannot store a NUL at all.
INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
INVISIBLE_MESSAGE = "Remove the invisible control characters; try typing the text instead of pasting it"


class _CleanText:
    """Normalises what was typed to NFC with plain line breaks and no space around it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()

    def pre_validate(self, form: Any) -> None:
        if self.data and INVISIBLE.search(self.data):
            raise ValueError(INVISIBLE_MESSAGE)


class TextField(_CleanText, StringField):
    """One line of text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = re.sub(r"\s*[\n\t]\s*", " ", self.data)


class LongTextField(_CleanText, TextAreaField):
    """Several lines of text."""


class AddressField(_CleanText, EmailField):
    """An e-mail address."""


class NewPasswordField(PasswordField):
    """A password: kept to the letter, never shown again."""

    def pre_validate(self, form: Any) -> None:
        if self.data and "\x00" in self.data:
            raise ValueError(INVISIBLE_MESSAGE)


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


def at_most(length: int) -> Length:
    """A limit in characters, with its sentence."""
    return Length(max=length, message=f"Shorten this to {length:,} characters or fewer")


class Form(FlaskForm):
    """Base class of the pages' forms."""

    def error_list(self) -> list[tuple[str, str]]:
        """All errors in the page's order, each as (sentence, id of the field it belongs to)."""
        return [pair for field in self for pair in _errors_of(field)]


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
