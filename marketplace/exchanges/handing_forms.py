"""The forms of what comes after acceptance: where to meet, how lent things are, and what is wrong."""

from wtforms import FileField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from marketplace.exchanges.course_models import DISPUTE_LENGTH
from marketplace.exchanges.models import PLACE_LENGTH, REASON_LENGTH
from marketplace.forms import Form, LongTextField, Required, TextField, at_most
from marketplace.listings.conditions import CONDITION_WORDS

DECISIONS = {
    "settle": "It is completed: what changed hands stays where it is",
    "annul": "It fell through: the things are free again",
}


class ArrangeForm(Form):
    """Where and when the things change hands."""

    place = TextField("Where?", [Required("Say where you meet"), at_most(PLACE_LENGTH)])
    day = TextField("On which day?", [Required("Say on which day")])
    hour = TextField("At what time?", [Required("Say at what time")])


class LongerForm(Form):
    """Until when somebody would keep a lent thing."""

    day = TextField("Until which day?", [Required("Say until which day")])
    hour = TextField("At what time is it back?", [Required("Say at what time")])


class NoteForm(Form):
    """In which condition a lent thing is, with a picture."""

    condition = SelectField(
        "In which condition is it?",
        choices=[SelectChoice("", "Not said"), *(SelectChoice(*each) for each in CONDITION_WORDS.items())],
        validate_choice=False,
    )
    picture = FileField("A picture of it as it is now")

    def validate_condition(self, field: SelectField) -> None:
        if field.data and field.data not in CONDITION_WORDS:
            raise ValidationError("Choose a condition from the list")


class CancelForm(Form):
    """Why a swap is called off."""

    reason = LongTextField("Why?", [at_most(REASON_LENGTH)])


class DisputeForm(Form):
    """What is wrong."""

    words = LongTextField("What is wrong?", [Required("Say what is wrong"), at_most(DISPUTE_LENGTH)])


class VerdictForm(Form):
    """What a moderator decides, and why."""

    decision = RadioField(
        "What do you decide?",
        choices=[SelectChoice(*each) for each in DECISIONS.items()],
        validate_choice=False,
    )
    reason = LongTextField("Why?", [Required("Give a reason: both members read it"), at_most(REASON_LENGTH)])

    def validate_decision(self, field: RadioField) -> None:
        if field.data not in DECISIONS:
            raise ValidationError("Choose what you decide")
