"""Where rows and files disagree: files that no row names, rows whose files are missing, broken-off writes."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from marketplace.extensions import db
from marketplace.pictures.models import Picture
from marketplace.pictures.rules import FILE_NAMES
from marketplace.pictures.storage import PREFIXES, Stored, media

# An upload stores the files first and its row at its end: what is younger may still get one.
UPLOAD_LASTS = timedelta(minutes=15)


class Stray(NamedTuple):
    """One disagreement: what it is in words, the key, and whether it is files that could be deleted."""

    what: str
    key: str
    is_files: bool


def find_strays(now: datetime, age: timedelta = UPLOAD_LASTS) -> Iterator[Stray]:
    """Yield the strays, among the files only those older than `age`. Memory does not grow with the site."""
    for prefix in PREFIXES:
        found = _strays_under(prefix, now - age)
        if found:
            # Somebody may have added or removed a picture between the look at the files and that at the rows.
            again = set(_strays_under(prefix, now - age))
            yield from (stray for stray in found if stray in again)
    for each in media().unfinished():
        if each.changed_at < now - age:
            yield Stray("files of an unfinished write", each.key, True)


def count_keys() -> int:
    """Return how many different pictures the rows name."""
    return db.session.scalar(select(func.count(Picture.key.distinct()))) or 0


def _strays_under(prefix: str, before: datetime) -> list[Stray]:
    stored = {each.key: each for each in media().stored(prefix)}
    keys = set(_keys_under(prefix))
    return [*_without_row(stored.values(), keys, before), *_without_files(stored, keys)]


def _keys_under(prefix: str) -> Iterable[str]:
    # The first key that no longer begins like this: g follows f.
    end = prefix + "g"
    return db.session.scalars(select(Picture.key).distinct().where(Picture.key >= prefix, Picture.key < end))


def _without_row(stored: Iterable[Stored], keys: set[str], before: datetime) -> Iterator[Stray]:
    for each in stored:
        if each.key not in keys and each.changed_at < before:
            yield Stray("files without a row", each.key, True)


def _without_files(stored: dict[str, Stored], keys: set[str]) -> Iterator[Stray]:
    for key in sorted(keys):
        missing = FILE_NAMES - (stored[key].names if key in stored else frozenset())
        if missing:
            names = "all files" if missing == FILE_NAMES else ", ".join(sorted(missing))
            yield Stray(f"a row without {names}", key, False)
