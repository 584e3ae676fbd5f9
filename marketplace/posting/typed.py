"""What was typed into the posting form, right or wrong, in the shape in which a draft keeps it.

{"title": "…", "category_id": "12", "offers": [{"name": "…", "pictures": [{"id": "7", "alt": "…"}], …}], …}
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from marketplace.listings.models import Listing, ListingItem
from marketplace.pictures.rules import PICTURES_MAXIMUM

Typed = dict[str, Any]

FIELDS = ("title", "category_id", "description", "area", "lifetime_days")
ITEM_FIELDS = ("id", "name", "description", "exchange_type", "duration_days", "condition", "value")
# What the form's buttons call the lists, and what the lists are called.
LISTS = {"offer": "offers", "want": "wants"}
ROWS_MAXIMUM = 20
WITHOUT_END = "none"

_ROW = re.compile(r"(offers|wants)-([0-9]{1,4})-[a-z_]+")
_PICTURE_ID = re.compile(r"[1-9][0-9]{0,17}")


def read_fields(fields: "MultiDict[str, str]") -> Typed:
    """Return what a browser sent, of the fields that the form has; rows get numbers from 0 in their order."""
    typed: Typed = {name: _storable(fields[name]) for name in FIELDS if name in fields}
    numbers: dict[str, set[int]] = {name: set() for name in LISTS.values()}
    for field in fields:
        if match := _ROW.fullmatch(field):
            numbers[match[1]].add(int(match[2]))
    seen: set[str] = set()
    for rows, found in numbers.items():
        typed[rows] = [_read_row(fields, f"{rows}-{n}-", seen) for n in sorted(found)[:ROWS_MAXIMUM]]
    return typed


def as_fields(typed: Typed) -> "MultiDict[str, str]":
    """Return the names and values with which a browser would send `typed`, without the pictures."""
    fields: MultiDict[str, str] = MultiDict({name: typed[name] for name in FIELDS if name in typed})
    for rows in LISTS.values():
        for number, row in enumerate(typed.get(rows, ())):
            # The id makes it a row, also when nothing else was sent of it.
            known = {"id": ""} | {name: row[name] for name in ITEM_FIELDS if name in row}
            fields.update({f"{rows}-{number}-{name}": value for name, value in known.items()})
    return fields


def of_listing(
    listing: Listing, items: Iterable[ListingItem], alts: Mapping[int, list[tuple[int, str]]]
) -> Typed:
    """Return a stored listing as if it had been typed; `alts` are ids and words of each item's pictures."""
    typed: Typed = {
        "title": listing.title,
        "category_id": str(listing.category_id),
        "description": listing.description,
        "area": listing.area or "",
        "lifetime_days": str(listing.lifetime_days or WITHOUT_END),
        **{rows: [] for rows in LISTS.values()},
    }
    for item in items:
        row: Typed = {name: _as_typed(getattr(item, name)) for name in ITEM_FIELDS}
        row["pictures"] = [{"id": str(number), "alt": alt} for number, alt in alts.get(item.id, ())]
        typed[LISTS[item.kind]].append(row)
    offers = typed["offers"]
    if len(offers) == 1 and offers[0]["name"] == listing.title:
        # It goes on to be called what the listing is called.
        offers[0]["name"] = ""
    return typed


def drop_blank_rows(typed: Typed) -> None:
    """Forget the rows into which nothing was typed, but for one offer, which can take the listing's title."""
    for rows in LISTS.values():
        typed[rows] = [row for row in typed.get(rows, ()) if not _is_blank(row)]
    if not typed["offers"]:
        typed["offers"] = [{}]


def press(typed: Typed, pressed: Mapping[str, str]) -> str | None:
    """Do what the pressed button of a row or of a picture does; return the place on the page to go on at.

    None when it was none of these buttons.
    """
    if pressed.get("add") in LISTS:
        return _add_row(typed, LISTS[pressed["add"]])
    if "remove" in pressed:
        return _remove_row(typed, pressed["remove"])
    for button in ("earlier", "later", "remove_picture"):
        if button in pressed:
            return _press_picture(typed, button, pressed[button])
    return None


def rows_of(typed: Typed) -> Iterator[tuple[str, Typed]]:
    """All rows with their names, such as offers-0."""
    for rows in LISTS.values():
        for number, row in enumerate(typed.get(rows, ())):
            yield f"{rows}-{number}", row


def picture_ids(row: Typed) -> list[int]:
    """Return the ids of the row's pictures in their order."""
    return [int(picture["id"]) for picture in row.get("pictures", ())]


def _as_typed(value: object) -> str:
    return "" if value is None else str(value)


def _storable(text: str) -> str:
    # PostgreSQL stores no NUL. Another character that nobody sees stands for it, so that the form says the
    # same of it as of all others.
    return text.replace("\x00", "\x01")


def _read_row(fields: "MultiDict[str, str]", prefix: str, seen: set[str]) -> Typed:
    row: Typed = {name: _storable(fields[prefix + name]) for name in ITEM_FIELDS if prefix + name in fields}
    pictures: list[Typed] = []
    for picture_id in fields.getlist(f"{prefix}picture"):
        # A picture belongs to one row.
        if _PICTURE_ID.fullmatch(picture_id) and picture_id not in seen and len(pictures) < PICTURES_MAXIMUM:
            seen.add(picture_id)
            pictures.append({"id": picture_id, "alt": _storable(fields.get(f"alt-{picture_id}", ""))})
    if pictures:
        row["pictures"] = pictures
    return row


def _is_blank(row: Typed) -> bool:
    typed = (row.get(name, "").strip() for name in ITEM_FIELDS if name not in ("id", "exchange_type"))
    return not any(typed) and not row.get("pictures")


def _add_row(typed: Typed, rows: str) -> str:
    if rows == "offers" and len(typed[rows]) == 1 and not typed[rows][0].get("name", "").strip():
        # What the title alone said so far needs a name of its own beside another thing.
        typed[rows][0]["name"] = typed.get("title", "")
    if len(typed[rows]) < ROWS_MAXIMUM:
        typed[rows].append({})
    return f"{rows}-{len(typed[rows]) - 1}-name"


def _remove_row(typed: Typed, name: str) -> str | None:
    for rows in LISTS.values():
        names = [f"{rows}-{number}" for number in range(len(typed[rows]))]
        if name in names:
            del typed[rows][names.index(name)]
            return rows
    return None


def _press_picture(typed: Typed, button: str, picture_id: str) -> str | None:
    for name, row in rows_of(typed):
        pictures: list[Typed] = row.get("pictures", [])
        place = next((n for n, picture in enumerate(pictures) if picture["id"] == picture_id), None)
        if place is None:
            continue
        picture = pictures.pop(place)
        if button == "remove_picture":
            return f"{name}-files-upload"
        pictures.insert(max(0, place + (1 if button == "later" else -1)), picture)
        return f"alt-{picture_id}"
    return None
