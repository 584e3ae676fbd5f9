"""The form to post and to edit a listing, with any number of items."""

from collections.abc import Mapping
from typing import Any

from wtforms import Form as PlainForm
from wtforms import FormField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from marketplace.categories.tree import Tree
from marketplace.database.base import MAX_BIGINT
from marketplace.forms import Form, LongTextField, Required, Rows, TextField, WholeNumberField, at_most
from marketplace.listings.drafts import ItemDraft, ListingDraft
from marketplace.listings.models import (
    DESCRIPTION_LENGTH,
    DURATION_MAXIMUM,
    ITEM_DESCRIPTION_LENGTH,
    ITEM_NAME_LENGTH,
    TITLE_LENGTH,
    TITLE_MINIMUM,
    VALUE_MAXIMUM,
    Listing,
    ListingItem,
)

ITEMS_MAXIMUM = 20


def _id_or_none(value: str | int | None) -> int | None:
    """Filter of the hidden ids: whatever is not one of ours stands for a new item."""
    return _parse_id(str(value))


def _parse_id(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return int(text) if 0 < int(text) <= MAX_BIGINT else None


def exchange_type_field(permanent: str, temporary: str) -> RadioField:
    """The choice between the two exchange types, in the words of whoever gives or gets."""
    choices = [SelectChoice("permanent", permanent), SelectChoice("temporary", temporary)]
    return RadioField("How", choices=choices, default="permanent", validate_choice=False)


class OfferForm(PlainForm):
    """One thing offered."""

    id = HiddenField(filters=[_id_or_none])
    name = TextField("Name", [Required("Name this item, or remove it"), at_most(ITEM_NAME_LENGTH)])
    description = LongTextField("Details", [at_most(ITEM_DESCRIPTION_LENGTH)])
    exchange_type = exchange_type_field("Swap for good", "Lend for some days")
    duration_days = WholeNumberField("Longest loan in days")
    value = WholeNumberField("About what it is worth")

    def validate_exchange_type(self, field: RadioField) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError("Choose one of the two: for good, or for some days")

    def validate_duration_days(self, field: WholeNumberField) -> None:
        if self.exchange_type.data != "temporary" or field.errors:
            return
        if field.data is None:
            raise ValidationError("Say for how many days")
        if not 1 <= field.data <= DURATION_MAXIMUM:
            raise ValidationError(f"Enter a number of days from 1 to {DURATION_MAXIMUM}")

    def validate_value(self, field: WholeNumberField) -> None:
        if field.data is not None and field.data > VALUE_MAXIMUM:
            raise ValidationError(f"Enter {VALUE_MAXIMUM:,} or less")

    def is_blank(self) -> bool:
        """Tell whether nothing was typed into this row."""
        typed = (self.name, self.description, self.duration_days, self.value)
        return not any((field.raw_data or [""])[0].strip() for field in typed)

    def draft(self, kind: str) -> ItemDraft:
        """Return what was typed, after it has passed validation."""
        temporary = self.exchange_type.data == "temporary"
        return ItemDraft(
            id=self.id.data,
            kind=kind,
            name=self.name.data,
            description=self.description.data,
            exchange_type=self.exchange_type.data,
            # Days typed before the choice was changed back to a swap for good mean nothing.
            duration_days=self.duration_days.data if temporary else None,
            value=self.value.data,
        )


class WishForm(OfferForm):
    """One thing wanted."""

    exchange_type = exchange_type_field("To keep", "To borrow for some days")
    duration_days = WholeNumberField("For how many days")


class ListingForm(Form):
    """A listing with the things it offers and wants."""

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
    offers = Rows(FormField(OfferForm), label="Offer", max_entries=ITEMS_MAXIMUM)
    wants = Rows(FormField(WishForm), label="Wish", max_entries=ITEMS_MAXIMUM)

    def __init__(self, tree: Tree, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.category_id.choices = _choices(tree)
        self._tree = tree

    def validate_category_id(self, field: SelectField) -> None:
        category_id = _parse_id(field.data)
        if category_id is None or self._tree.find(category_id) is None:
            raise ValidationError("Choose a category from the list")

    def open_rows(self) -> None:
        """Show an empty row where there is none yet."""
        for rows in (self.offers, self.wants):
            if not rows.entries:
                rows.append_entry()

    def drop_blank_rows(self) -> None:
        """Forget rows into which nothing was typed, but keep one offer, which says what is missing."""
        self.wants.keep([row for row in self.wants.entries if not row.form.is_blank()])
        offers = [row for row in self.offers.entries if not row.form.is_blank()]
        self.offers.keep(offers or self.offers.entries[:1])
        if not self.offers.entries:
            self.offers.append_entry()

    def change_rows(self, pressed: Mapping[str, str]) -> bool:
        """Add or remove the row whose button was pressed; True when one of these buttons was."""
        lists = {"offer": self.offers, "want": self.wants}
        if pressed.get("add") in lists:
            rows = lists[pressed["add"]]
            if len(rows.entries) < ITEMS_MAXIMUM:
                rows.append_entry()
            return True
        if "remove" in pressed:
            for rows in lists.values():
                rows.keep([row for row in rows.entries if row.name != pressed["remove"]])
            return True
        return "add" in pressed

    def draft(self) -> ListingDraft:
        """Return what was typed, after it has passed validation."""
        return ListingDraft(
            title=self.title.data,
            category_id=int(self.category_id.data),
            description=self.description.data,
            items=[row.form.draft("offer") for row in self.offers]
            + [row.form.draft("want") for row in self.wants],
        )


def values_of(listing: Listing, items: list[ListingItem]) -> dict[str, Any]:
    """Return the stored listing in the shape that fills a `ListingForm`."""
    rows: dict[str, list[dict[str, Any]]] = {"offer": [], "want": []}
    for item in items:
        rows[item.kind].append({name: getattr(item, name) for name in OfferForm()._fields})
    return {
        "title": listing.title,
        "category_id": str(listing.category_id),
        "description": listing.description,
        "offers": rows["offer"],
        "wants": rows["want"],
    }


def _choices(tree: Tree) -> list[SelectChoice]:
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
