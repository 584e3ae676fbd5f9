"""The page with the form and the one with the answers, made of a draft or of what was just sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_login import current_user

from marketplace.categories import queries as categories
from marketplace.categories.tree import Node, Tree
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.pictures import queries as pictures
from marketplace.posting import guidance, queries
from marketplace.posting.forms import ListingForm, id_or_none
from marketplace.posting.models import ListingDraft
from marketplace.posting.rules import ValueRange
from marketplace.posting.summary import Answers, summarise
from marketplace.posting.typed import Typed, picture_ids, rows_of

Page = str | tuple[str, int]


@dataclass(frozen=True)
class Sheet:
    """What the form is filled with: `typed`, of this draft, for a new listing or for changing `listing`.

    `saves` is how often the draft has been saved, `based_on` the moment of the listing's last change when
    changing it began. A draft that is nobody's yet is not `owned`.
    """

    draft_id: UUID
    typed: Typed
    listing: Listing | None = None
    based_on: str = ""
    saves: int = 0
    owned: bool = True

    @property
    def is_overtaken(self) -> bool:
        """Whether the listing was changed in another way since changing it here began."""
        return bool(self.listing and self.based_on and self.based_on != self.listing.updated_at.isoformat())


@dataclass(frozen=True)
class KeptPicture:
    """A picture in the form, for the component that shows those that are there already."""

    key: int
    picture: pictures.ShownPicture
    alt: str
    error: None = None


def sheet_of(draft: ListingDraft) -> Sheet:
    """Return what the form shows of a draft."""
    listing = db.session.get(Listing, draft.listing_id) if draft.listing_id else None
    form = draft.form
    return Sheet(
        draft_id=draft.id,
        typed=form,
        listing=listing,
        based_on=form.get("based_on", ""),
        saves=form.get("saves", 0),
        owned=draft.owner_id is not None,
    )


def show_form(sheet: Sheet, form: ListingForm | None = None, refused: str | None = None) -> str:
    """Return the page with the form: `form` after a check, `refused` when it could not be kept."""
    form = form or ListingForm(categories.load_tree(), sheet.typed)
    form.open_rows()
    for row, (_, typed) in zip([*form.offers, *form.wants], rows_of(sheet.typed), strict=False):
        if sentences := typed.get("refused"):
            row.form.files.errors = sentences
    errors = form.error_list()
    if refused:
        errors.insert(0, (refused, "title"))
    return render_template(
        "posting/form.html",
        sheet=sheet,
        form=form,
        error_list=errors,
        areas=queries.areas_used_most(),
        suggestions=_suggestions(form),
        guides=_guides(form, sheet.listing),
        kept=_kept_pictures(sheet.typed),
    )


def show_answers(sheet: Sheet, form: ListingForm) -> str:
    """Return the page on which the answers are checked; `form` has passed validation."""
    draft = form.draft()
    node = form.tree.find(draft.category_id)
    answers: Answers = summarise(
        draft, _path(node) if node else "", url_for("posting.draft", draft_id=sheet.draft_id)
    )
    return render_template(
        "posting/check.html",
        sheet=sheet,
        title=draft.title,
        answers=answers,
        kept=_kept_pictures(sheet.typed),
    )


def show_gone() -> Page:
    """Return the page for a draft that is no longer there, or never was."""
    newest = queries.find_newest_own(current_user.id)
    return render_template("posting/gone.html", newest=newest), 404


def suggested_categories(title: str, tree: Tree, chosen: int | None) -> list[tuple[int, str]]:
    """Return categories that fit the title, with their names; none when the chosen one is the likeliest."""
    likely = guidance.find_likely_categories(title) if title.strip() else []
    if not likely or likely[0] == chosen:
        return []
    nodes = [node for category_id in likely if (node := tree.find(category_id)) and node.id != chosen]
    return [(node.id, _path(node)) for node in nodes]


def value_guides(names: list[str], tree: Tree, category_id: int | None, without: int | None) -> list[Any]:
    """Return for each name the words of its guide, (range, basis); None where there is nothing to go by.

    The range is None where too few such things were swapped, and the basis says so.
    """
    node = tree.find(category_id) if category_id else None
    if node is None or not any(names):
        return [None] * len(names)
    ranges = guidance.find_value_ranges(names, node.id, without)
    guides = zip(names, ranges, strict=True)
    return [_guide(found, node) if name.strip() else None for name, found in guides]


def _suggestions(form: ListingForm) -> list[tuple[int, str]]:
    return suggested_categories(form.title.data or "", form.tree, id_or_none(form.category_id.data))


def _guides(form: ListingForm, listing: Listing | None) -> dict[str, Any]:
    title = form.title.data or ""
    names = {row.name: row.form.name.data or (title if row.form.title_will_do else "") for row in form.offers}
    chosen = id_or_none(form.category_id.data)
    found = value_guides(list(names.values()), form.tree, chosen, listing.id if listing else None)
    return dict(zip(names, found, strict=True))


def _guide(found: ValueRange | None, node: Node) -> tuple[str | None, str]:
    if found is None:
        return None, (
            f"Too few things like this were swapped in {node.name} yet to say what they go for."
            " What you think it is worth is as good a start as any."
        )
    words = f"{found.low:,}" if found.low == found.high else f"{found.low:,} to {found.high:,}"
    return words, (
        f"The middle half of {found.swaps:,} swaps in {node.name}, around {found.median:,}."
        " It is what their owners said they were worth."
    )


def _path(node: Node) -> str:
    return " / ".join(above.name for above in node.trail())


def _kept_pictures(typed: Typed) -> dict[str, list[KeptPicture]]:
    """Return the pictures of each row, by its name; only what the reader uploaded is shown."""
    wanted = [number for _, row in rows_of(typed) for number in picture_ids(row)]
    if not wanted or not current_user.is_authenticated:
        return {}
    own = pictures.own_pictures(current_user.id, wanted)
    return {name: list(_kept(row, own)) for name, row in rows_of(typed)}


def _kept(row: Typed, own: dict[int, pictures.ShownPicture]) -> Iterable[KeptPicture]:
    for each in row.get("pictures", ()):
        if shown := own.get(int(each["id"])):
            yield KeptPicture(shown.id, shown, each["alt"])
