"""The form of a member's profile."""

from wtforms import SelectField
from wtforms.validators import ValidationError

from marketplace.forms import Form, LongTextField, TextField, at_most, shows_anything
from marketplace.listings.models import AREA_LENGTH
from marketplace.members.models import ABOUT_LENGTH
from marketplace.members.time_zones import UTC, by_region, known_time_zones


class ProfileForm(Form):
    """What a member says about themselves."""

    about = LongTextField("About you", [at_most(ABOUT_LENGTH)])
    area = TextField("Where you are", [at_most(AREA_LENGTH)])
    time_zone = SelectField("Time zone", default=UTC, choices=by_region, validate_choice=False)

    def validate_about(self, field: LongTextField) -> None:
        if field.data and not shows_anything(field.data):
            raise ValidationError("Write something that can be read, or leave this empty")

    def validate_time_zone(self, field: SelectField) -> None:
        if field.data not in known_time_zones():
            raise ValidationError("Choose a time zone from the list")

    def validate_area(self, field: TextField) -> None:
        if field.data and not shows_anything(field.data):
            raise ValidationError("Write where you are in letters, or leave this empty")
