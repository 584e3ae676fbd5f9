"""Forms that have one field of each kind: empty, filled in, and refused."""

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    FormField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from marketplace.style_guide.samples import ARABIC, LONG

HOW = [SelectChoice("permanent", "Swap for good"), SelectChoice("temporary", "Lend for some days")]

CATEGORIES = [
    SelectChoice(value, words)
    for value, words in (("", "Choose a category"), ("1", "Power tools"), ("2", "Plants"), ("3", LONG))
]


class SampleItem(Form):
    """One item, as the posting form asks for it."""

    id = HiddenField()
    name = StringField("Name", [InputRequired("Name this item, or remove it")])
    description = TextAreaField("Details")
    exchange_type = RadioField("How", choices=HOW)
    duration_days = StringField("Longest loan in days")
    condition = SelectField("Condition", choices=[SelectChoice("", "Not said"), SelectChoice("good", "Good")])
    value = StringField("About what it is worth")
    files = MultipleFileField("Pictures")

    title_will_do = False

    def has_more(self, offered: bool) -> bool:
        """Tell whether the fields that are folded away are to be seen at once."""
        return bool(self.description.data) and offered


class SampleForm(Form):
    """One field of each kind, each of which must be filled in."""

    title = StringField("Title", [InputRequired("Give your listing a title")])
    days = StringField("For how many days", [InputRequired("Say for how many days")])
    description = TextAreaField("Description", [InputRequired("Say what it is")])
    category = SelectField(
        "Category",
        [InputRequired("Choose a category from the list")],
        choices=CATEGORIES,
    )
    how = RadioField("How", [InputRequired("Choose one of the two")], choices=HOW)
    agree = BooleanField("Keep me logged in on this computer", [InputRequired("Tick this box")])
    pictures = MultipleFileField("Pictures")
    item = FormField(SampleItem)


def sample_forms() -> dict[str, SampleForm]:
    """Return the forms by the name that the page knows them under."""
    values = {"title": "A tent for four", "days": 14, "description": "Dry, and complete.", "category": "2"}
    filled = SampleForm(prefix="filled", data={**values, "how": "temporary", "agree": True})
    long = SampleForm(prefix="long", data={"title": LONG, "description": LONG * 3, "category": "3"})
    arabic = SampleForm(
        prefix="arabic", data={"title": ARABIC, "description": ARABIC, "category": "1", "how": "temporary"}
    )
    refused = SampleForm(prefix="refused", formdata=MultiDict({"refused-days": "many"}))
    refused.validate()
    refused.pictures.errors = ["“holiday.txt” is not a picture: choose a JPEG, PNG, WebP or HEIC file"]
    return {
        "empty_form": SampleForm(prefix="empty", data={"how": "permanent"}),
        "filled_form": filled,
        "long_form": long,
        "arabic_form": arabic,
        "refused_form": refused,
        "wish_form": SampleForm(prefix="wish", data={"item": {"name": LONG, "exchange_type": "permanent"}}),
    }
