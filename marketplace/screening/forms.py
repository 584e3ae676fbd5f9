"""The form by which an administrator adds words."""

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from marketplace.forms import Form, Required, TextField, at_most
from marketplace.screening.models import NOTE_LENGTH, WORDS_LENGTH
from marketplace.screening.rules import fold

OUTCOME_WORDS = {
    "hold": "A moderator looks at the listing first",
    "refuse": "The listing cannot have them",
}


class WordForm(Form):
    """Words, and what happens to a listing that has them."""

    words = TextField("Words", [Required("Write the words"), at_most(WORDS_LENGTH)])
    outcome = RadioField(
        "What happens",
        [InputRequired("Choose what happens")],
        choices=[SelectChoice(*each) for each in OUTCOME_WORDS.items()],
        validate_choice=False,
    )
    note = TextField("Note", [at_most(NOTE_LENGTH)])

    def validate_words(self, field: TextField) -> None:
        if not fold(field.data):
            raise ValidationError("Write words with letters or digits in them")

    def validate_outcome(self, field: RadioField) -> None:
        if field.data not in OUTCOME_WORDS:
            raise ValidationError("Choose what happens")
