"""The forms to write to the other side of an exchange, and to say how it went."""

from collections.abc import Sequence
from typing import Any

from wtforms import MultipleFileField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from marketplace.exchanges.course_models import MESSAGE_LENGTH, REVIEW_LENGTH, THUMBS
from marketplace.exchanges.review_rules import THUMBS_WORDS
from marketplace.exchanges.thread_rules import PICTURES_MAXIMUM
from marketplace.forms import Form, LongTextField, at_most, shows_anything
from marketplace.pictures.uploads import files_of
from marketplace.screening import rules as screening
from marketplace.screening.models import ScreenedWord


class _ScreenedForm(Form):
    """A form in whose field `words` some words cannot be; `where` says what it is."""

    where = ""

    def __init__(self, words: Sequence[ScreenedWord] = (), **values: Any) -> None:
        super().__init__(**values)
        self._refused = {each.folded: each.words for each in words if each.outcome == "refuse"}

    def refuse_words(self, text: str | None) -> None:
        """Raise ValidationError when one of the words is in the text."""
        for folded in screening.words_in([text or ""], self._refused):
            raise ValidationError(screening.refusal(self._refused[folded], self.where))


class MessageForm(_ScreenedForm):
    """A message, and pictures with it."""

    where = "Messages"
    words = LongTextField("Your message", [at_most(MESSAGE_LENGTH)])
    pictures = MultipleFileField("Pictures")

    def validate_words(self, field: LongTextField) -> None:
        if not shows_anything(field.data) and not files_of("pictures"):
            raise ValidationError("Write your message, or choose a picture")
        self.refuse_words(field.data)

    def validate_pictures(self, field: MultipleFileField) -> None:
        if len(files_of(field.name)) > PICTURES_MAXIMUM:
            raise ValidationError(f"Choose at most {PICTURES_MAXIMUM} pictures")


class ReviewForm(_ScreenedForm):
    """How a swap went."""

    where = "Reviews"
    thumbs = RadioField(
        "How did it go?",
        [InputRequired("Choose how it went")],
        choices=[SelectChoice(*each) for each in THUMBS_WORDS.items()],
        validate_choice=False,
    )
    words = LongTextField("A few words about it", [at_most(REVIEW_LENGTH)])

    def validate_thumbs(self, field: RadioField) -> None:
        if field.data not in THUMBS:
            raise ValidationError("Choose how it went")

    def validate_words(self, field: LongTextField) -> None:
        self.refuse_words(field.data)
