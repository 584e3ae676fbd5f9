"""The form by which a moderator decides a case."""

from collections.abc import Sequence

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from marketplace.forms import Form, LongTextField, WholeNumberField, at_most, shows_anything
from marketplace.moderation.models import DAYS_MAXIMUM, REASON_LENGTH
from marketplace.moderation.rules import DECISIONS


class DecisionForm(Form):
    """What to do, and why."""

    decision = RadioField(
        "What is to be done?",
        choices=[SelectChoice(*each) for each in DECISIONS.items()],
        validate_choice=False,
    )
    days = WholeNumberField("For how many days")
    reason = LongTextField("Why", [at_most(REASON_LENGTH)])
    version = HiddenField()

    def offer(self, decisions: Sequence[str]) -> None:
        """Offer only these decisions."""
        self.decision.choices = [SelectChoice(each, DECISIONS[each]) for each in decisions]

    def validate_decision(self, field: RadioField) -> None:
        if field.data not in {each.value for each in field.choices}:
            raise ValidationError("Choose what is to be done")

    def validate_days(self, field: WholeNumberField) -> None:
        if self.decision.data != "suspend" or field.errors:
            return
        if field.data is None or not 1 <= field.data <= DAYS_MAXIMUM:
            raise ValidationError(f"Say for how many days: 1 to {DAYS_MAXIMUM}")

    def validate_reason(self, field: LongTextField) -> None:
        if self.decision.data != "dismiss" and not shows_anything(field.data):
            raise ValidationError("Give a reason: the member reads it")
