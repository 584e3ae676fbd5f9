"""The form to post and to edit a listing, with any number of items."""

from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import Field, FormField, HiddenField, MultipleFileField, RadioField, SelectField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from marketplace.categories.tree import Tree
from marketplace.database.base import MAX_BIGINT
from marketplace.forms import (
    Form,
    LongTextField,
    Required,
    Rows,
    TextField,
    WholeNumberField,
    at_most,
    shows_anything,
)
from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.listings.drafts import ItemDraft, ListingDraft
from marketplace.listings.models import (
    AREA_LENGTH,
    DESCRIPTION_LENGTH,
    DURATION_MAXIMUM,
    ITEM_DESCRIPTION_LENGTH,
    ITEM_NAME_LENGTH,
    LIFETIMES,
    TITLE_LENGTH,
    TITLE_MINIMUM,
    VALUE_MAXIMUM,
)
from marketplace.posting.typed import ROWS_MAXIMUM, WITHOUT_END, Typed, as_fields
from marketplace.screening import rules as screening
from marketplace.screening.models import ScreenedWord


def id_or_none(text: str | int | None) -> int | None:
    """Return the id that was sent; None for whatever is none of ours."""
    text = str(text)
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return int(text) if 0 < int(text) <= MAX_BIGINT else None


def _choice(label: str, choices: list[tuple[str, str]], **more: Any) -> RadioField:
    options = [SelectChoice(value, words) for value, words in choices]
    return RadioField(label, choices=options, validate_choice=False, **more)


def _is_offered(field: SelectField) -> bool:
    return field.data in [choice.value for choice in field.choices]


def _typed_into(field: Field) -> bool:
    return bool((field.raw_data or [""])[0].strip())


class OfferForm(PlainForm):
    """One thing offered."""

    id = HiddenField(filters=[id_or_none])
    name = TextField("Name", [at_most(ITEM_NAME_LENGTH)])
    description = LongTextField("Details", [at_most(ITEM_DESCRIPTION_LENGTH)])
    exchange_type = _choice(
        "How", [("permanent", "Swap for good"), ("temporary", "Lend for some days")], default="permanent"
    )
    duration_days = WholeNumberField("Longest loan in days")
    condition = SelectField(
        "Condition",
        choices=[SelectChoice("", "Not said"), *(SelectChoice(*each) for each in CONDITION_WORDS.items())],
        validate_choice=False,
    )
    value = WholeNumberField("About what it is worth")
    files = MultipleFileField("Pictures")

    # The only thing that a listing offers may go by the listing's title.
    title_will_do = False

    def validate_name(self, field: TextField) -> None:
        if not shows_anything(field.data) and not self.title_will_do:
            raise ValidationError("Name this item, or remove it")

    def validate_exchange_type(self, field: RadioField) -> None:
        if not _is_offered(field):
            raise ValidationError("Choose one of the two: for good, or for some days")

    def validate_duration_days(self, field: WholeNumberField) -> None:
        if self.exchange_type.data != "temporary" or field.errors:
            return
        if field.data is None:
            raise ValidationError("Say for how many days")
        if not 1 <= field.data <= DURATION_MAXIMUM:
            raise ValidationError(f"Enter a number of days from 1 to {DURATION_MAXIMUM}")

    def validate_condition(self, field: SelectField) -> None:
        if field.data and not _is_offered(field):
            raise ValidationError("Choose a condition from the list")

    def validate_value(self, field: WholeNumberField) -> None:
        if field.data is not None and field.data > VALUE_MAXIMUM:
            raise ValidationError(f"Enter {VALUE_MAXIMUM:,} or less")

    def has_more(self, offered: bool) -> bool:
        """Tell whether there is something in the fields that are folded away."""
        folded = [self.description]
        if self.title_will_do:
            folded.append(self.name)
        if not offered:
            folded += [self.condition, self.value]
        return any(field.errors or _typed_into(field) for field in folded)

    def draft(self, kind: str, title: str) -> ItemDraft:
        """Return what was typed, after it has passed validation."""
        temporary = self.exchange_type.data == "temporary"
        return ItemDraft(
            id=self.id.data,
            kind=kind,
            name=self.name.data if shows_anything(self.name.data) else title,
            description=self.description.data,
            exchange_type=self.exchange_type.data,
            # Days typed before the choice was changed back to a swap for good mean nothing.
            duration_days=self.duration_days.data if temporary else None,
            value=self.value.data,
            condition=self.condition.data or None,
        )


class WishForm(OfferForm):
    """One thing wanted."""

    exchange_type = _choice(
        "How", [("permanent", "To keep"), ("temporary", "To borrow for some days")], default="permanent"
    )
    duration_days = WholeNumberField("For how many days")
    condition = SelectField(
        "Condition",
        choices=[SelectChoice("", "Any"), *(SelectChoice(*each) for each in CONDITION_WORDS.items())],
        validate_choice=False,
    )


class ListingForm(Form):
    """A listing with the things it offers and wants, filled with what a draft holds."""

    class Meta(Form.Meta):
        """How the form gets at what it is filled with."""

        # Each request that sends the form is checked for the token already; a draft holds none.
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Take the fields that the form is made with, whatever the request sent."""
            return formdata

    title = TextField(
        "Title",
        [
            Required("Give your listing a title"),
            Length(min=TITLE_MINIMUM, message=f"Write at least {TITLE_MINIMUM} characters"),
            at_most(TITLE_LENGTH),
        ],
    )
    category_id = SelectField(
        "Category", [Required("Choose a category from the list")], validate_choice=False
    )
    description = LongTextField("Description", [at_most(DESCRIPTION_LENGTH)])
    offers = Rows(FormField(OfferForm), label="Offer", max_entries=ROWS_MAXIMUM)
    wants = Rows(FormField(WishForm), label="Wish", max_entries=ROWS_MAXIMUM)
    area = TextField("Where it is", [at_most(AREA_LENGTH)])
    lifetime_days = _choice(
        "Show it for",
        [*((str(days), f"{days} days") for days in LIFETIMES), (WITHOUT_END, "No end")],
        default=str(LIFETIMES[1]),
    )

    def __init__(self, tree: Tree, typed: Typed, words: Sequence[ScreenedWord] = ()) -> None:
        super().__init__(formdata=as_fields(typed))
        self.category_id.choices = _categories(tree)
        self.tree = tree
        self._refused = {each.folded: each.words for each in words if each.outcome == "refuse"}
        self._let_title_do()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check what was typed, and that none of the words that listings cannot have is in it."""
        valid = bool(super().validate(extra_validators))
        for field in self._texts():
            for folded in screening.words_in([field.data or ""], self._refused):
                field.errors = [*field.errors, screening.refusal(self._refused[folded])]
                valid = False
        return valid

    def validate_category_id(self, field: SelectField) -> None:
        category_id = id_or_none(field.data)
        if category_id is None or self.tree.find(category_id) is None:
            raise ValidationError("Choose a category from the list")

    def validate_area(self, field: TextField) -> None:
        if field.data and not shows_anything(field.data):
            raise ValidationError("Write where it is in letters, or leave this empty")

    def validate_lifetime_days(self, field: RadioField) -> None:
        if not _is_offered(field):
            raise ValidationError("Choose for how long to show it")

    def open_rows(self) -> None:
        """Show an empty row where there is none yet."""
        for rows in (self.offers, self.wants):
            if not rows.entries:
                rows.append_entry()
        self._let_title_do()

    def _texts(self) -> Iterator[Field]:
        yield from (self.title, self.description, self.area)
        for row in (*self.offers, *self.wants):
            yield from (row.form.name, row.form.description)

    def _let_title_do(self) -> None:
        for row in self.offers:
            row.form.title_will_do = len(self.offers.entries) == 1

    def draft(self) -> ListingDraft:
        """Return what was typed, after it has passed validation."""
        title = self.title.data
        lifetime = self.lifetime_days.data
        return ListingDraft(
            title=title,
            category_id=int(self.category_id.data),
            description=self.description.data,
            area=self.area.data or None,
            lifetime_days=None if lifetime == WITHOUT_END else int(lifetime),
            items=[row.form.draft("offer", title) for row in self.offers]
            + [row.form.draft("want", title) for row in self.wants],
        )


def _categories(tree: Tree) -> list[SelectChoice]:
    """The categories grouped by root, each with its path of names below the root."""
    return [
        SelectChoice("", "Choose a category"),
        *(
            SelectChoice(
                str(node.id),
                " / ".join(above.name for above in node.trail()[1:]) or root.name,
                optgroup=root.name,
            )
            for root in tree.roots
            for node in root.subtree()
        ),
    ]
