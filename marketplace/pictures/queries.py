"""Reads of pictures, as pages show them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.extensions import db
from marketplace.listings.models import ListingItem
from marketplace.own_data.parts import MEMBER_ID
from marketplace.pictures.images import fitted
from marketplace.pictures.models import Picture
from marketplace.pictures.rules import WIDTHS

_ANY_KEY = "0" * 32
_COLUMNS = (Picture.id, Picture.key, Picture.item_id, Picture.alt, Picture.width, Picture.height)
_ids = func.any(bindparam("ids", type_=ARRAY(BigInteger)))
_OF_ITEMS = select(*_COLUMNS).where(Picture.item_id == _ids).order_by(Picture.item_id, Picture.position)
_OF_DRAFT = (
    select(*_COLUMNS).where(Picture.draft_id == bindparam("draft_id", type_=Uuid)).order_by(Picture.id)
)
_OF_OWNER = (
    select(*_COLUMNS)
    .where(Picture.id == _ids, Picture.owner_id == bindparam("owner_id"))
    .order_by(Picture.id)
)
_BY_ID = select(*_COLUMNS).where(Picture.id == _ids).order_by(Picture.id)
_OF_MESSAGES = (
    select(*_COLUMNS, Picture.message_id)
    .where(Picture.message_id == _ids)
    .order_by(Picture.message_id, Picture.id)
)
_COVERS = (
    select(ListingItem.listing_id, *_COLUMNS)
    .join(Picture, Picture.item_id == ListingItem.id)
    .where(ListingItem.listing_id == _ids, ListingItem.kind == "offer")
    .order_by(ListingItem.listing_id, ListingItem.id, Picture.position)
    .ext(distinct_on(ListingItem.listing_id))
)

OWN_PICTURES = (
    select(
        Picture.id,
        func.concat("pictures/", Picture.key, ".jpg").label("file"),
        Picture.item_id,
        Picture.draft_id,
        Picture.message_id,
        Picture.position,
        Picture.alt,
        Picture.width,
        Picture.height,
        Picture.created_at,
    )
    .where(Picture.owner_id == MEMBER_ID)
    .order_by(Picture.id)
)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture for the component `picture`.

    `webp` and `jpeg` are its srcsets, `src` is the middle JPEG and `large` the largest; width and height are
    those of the original, for the proportions.
    """

    id: int
    key: str
    alt: str
    width: int
    height: int
    src: str
    large: str
    webp: str
    jpeg: str


def pictures_of_items(item_ids: Sequence[int]) -> dict[int, list[ShownPicture]]:
    """Return the pictures of each of these items in their order; items that have none are left out."""
    found: dict[int, list[ShownPicture]] = {}
    rows = db.session.execute(_OF_ITEMS, {"ids": list(item_ids)}).all()
    for row, picture in zip(rows, _shown(rows), strict=True):
        found.setdefault(row.item_id, []).append(picture)
    return found


def covers_of_listings(listing_ids: Sequence[int]) -> dict[int, ShownPicture]:
    """Return for each of these listings the first picture of what it offers; those without are left out."""
    rows = db.session.execute(_COVERS, {"ids": list(listing_ids)}).all()
    return {row.listing_id: picture for row, picture in zip(rows, _shown(rows), strict=True)}


def pictures_of_draft(draft_id: UUID) -> list[ShownPicture]:
    """Return the pictures that were uploaded for a draft and are in no item yet, oldest first."""
    return _shown(db.session.execute(_OF_DRAFT, {"draft_id": draft_id}).all())


def pictures_of_messages(
    message_ids: Sequence[int], address_of: Callable[[int], str]
) -> dict[int, list[ShownPicture]]:
    """Return the pictures of each of these messages in their order; messages that have none are left out.

    `address_of` is where the files of a picture are, by its id: a key is for nobody who may not see it.
    """
    found: dict[int, list[ShownPicture]] = {}
    for row in db.session.execute(_OF_MESSAGES, {"ids": list(message_ids)}):
        found.setdefault(row.message_id, []).append(_shown_row(row, address_of(row.id)))
    return found


def own_pictures(owner_id: int, picture_ids: Sequence[int]) -> dict[int, ShownPicture]:
    """Return those of these pictures that are the owner's, by id."""
    rows = db.session.execute(_OF_OWNER, {"owner_id": owner_id, "ids": list(picture_ids)}).all()
    return {picture.id: picture for picture in _shown(rows)}


def pictures_by_id(picture_ids: Sequence[int], address_of: Callable[[int], str]) -> dict[int, ShownPicture]:
    """Return these pictures by id, whoever uploaded them: for what is shown to those alone who may see it.

    `address_of` is where the files of a picture are, by its id: a key is for nobody who may not see it.
    """
    rows = db.session.execute(_BY_ID, {"ids": list(picture_ids)})
    return {row.id: _shown_row(row, address_of(row.id)) for row in rows}


def keys_of_owner(owner_id: int) -> Sequence[str]:
    """Return the keys of all pictures that the member has uploaded, each of them once."""
    statement = select(Picture.key).distinct().where(Picture.owner_id == owner_id).order_by(Picture.key)
    return db.session.scalars(statement).all()


def _shown(rows: Iterable[Any]) -> list[ShownPicture]:
    # Building each address by its rule would take longer than the query.
    prefix = url_for("pictures.show", key=_ANY_KEY, name="-").partition(_ANY_KEY)[0]
    return [_shown_row(row, f"{prefix}{row.key}") for row in rows]


def _shown_row(row: Any, base: str) -> ShownPicture:
    # A small picture has fewer sizes than names: the first name of each size stands for it.
    names: dict[int, int] = {}
    for name in WIDTHS:
        names.setdefault(fitted(row.width, row.height, name)[0], name)
    return ShownPicture(
        id=row.id,
        key=row.key,
        alt=row.alt,
        width=row.width,
        height=row.height,
        src=f"{base}/{WIDTHS[1]}.jpg",
        large=f"{base}/{WIDTHS[-1]}.jpg",
        webp=", ".join(f"{base}/{name}.webp {width}w" for width, name in names.items()),
        jpeg=", ".join(f"{base}/{name}.jpg {width}w" for width, name in names.items()),
    )
