"""What was typed into the posting form, right or wrong, in the shape in which a draft keeps it.

{"title": "…", "category_id": "12", "offers": [{"id": "", "name": "…", …, "pictures": [{"key": "…", "alt": "…"}]}], …}
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from marketplace.pictures.models import PICTURES_MAXIMUM

Typed = dict[str, Any]

FIELDS = ("title", "category_id", "description", "area", "lifetime_days")
ITEM_FIELDS = ("id", "name", "description", "exchange_type", "duration_days", "condition", "value")
# What the form's buttons call the lists, and what the lists are called.
LISTS = {"offer": "offers", "want": "wants"}
ROWS_MAXIMUM = 20

_ROW = re.compile(r"(offers|wants)-([0-9]{1,4})-[a-z_]+")
_KEY = re.compile(r"[0-9a-f]{32}")


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


def add_pictures(typed: Typed, row: str, keys: Iterable[str]) -> None:
    """Add pictures with these keys to the row of this name, such as offers-0."""
    rows, _, number = row.partition("-")
    pictures = typed[rows][int(number)].setdefault("pictures", [])
    pictures.extend({"key": key, "alt": ""} for key in keys)


def picture_keys(typed: Typed) -> list[str]:
    """Return the keys of the pictures of all rows."""
    rows = (row for name in LISTS.values() for row in typed.get(name, ()))
    return [picture["key"] for row in rows for picture in row.get("pictures", ())]


def _storable(text: str) -> str:
    # PostgreSQL stores no NUL. Another character that nobody sees stands for it, so that the form says the
    # same of it as of all others.
    return text.replace("\x00", "\x01")


def _read_row(fields: "MultiDict[str, str]", prefix: str, seen: set[str]) -> Typed:
    row: Typed = {name: _storable(fields[prefix + name]) for name in ITEM_FIELDS if prefix + name in fields}
    pictures = []
    for key in fields.getlist(f"{prefix}picture"):
        # A picture belongs to one row.
        if _KEY.fullmatch(key) and key not in seen and len(pictures) < PICTURES_MAXIMUM:
            seen.add(key)
            pictures.append({"key": key, "alt": _storable(fields.get(f"alt-{key}", ""))})
    if pictures:
        row["pictures"] = pictures
    return row


def _is_blank(row: Typed) -> bool:
    typed = (row.get(name, "").strip() for name in ITEM_FIELDS if name not in ("id", "exchange_type"))
    return not any(typed) and not row.get("pictures")


def _add_row(typed: Typed, rows: str) -> str:
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


def _press_picture(typed: Typed, button: str, key: str) -> str | None:
    for rows in LISTS.values():
        for number, row in enumerate(typed[rows]):
            pictures = row.get("pictures", [])
            keys = [picture["key"] for picture in pictures]
            if key not in keys:
                continue
            place = keys.index(key)
            picture = pictures.pop(place)
            if button != "remove_picture":
                pictures.insert(max(0, place + (1 if button == "later" else -1)), picture)
                return f"alt-{key}"
            return f"{rows}-{number}-files-upload"
    return None
