"""The form to report something."""

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from marketplace.forms import Form, LongTextField, at_most, shows_anything
from marketplace.reports.models import WORDS_LENGTH
from marketplace.reports.rules import REASON_WORDS


class ReportForm(Form):
    """What is wrong with it."""

    reason = RadioField(
        "What is wrong?",
        [InputRequired("Choose what is wrong")],
        choices=[SelectChoice(*each) for each in REASON_WORDS.items()],
        validate_choice=False,
    )
    words = LongTextField("What should a moderator know?", [at_most(WORDS_LENGTH)])

    def validate_reason(self, field: RadioField) -> None:
        if field.data not in REASON_WORDS:
            raise ValidationError("Choose what is wrong")

    def validate_words(self, field: LongTextField) -> None:
        if self.reason.data == "other" and not shows_anything(field.data):
            raise ValidationError("Say in a few words what is wrong")
