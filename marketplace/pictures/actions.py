"""Writes to pictures: taking in what is sent, giving it to items, and letting go of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    SmallInteger,
    String,
    Update,
    bindparam,
    column,
    delete,
    func,
    or_,
    select,
    update,
)
from werkzeug.datastructures import FileStorage

from marketplace.extensions import db
from marketplace.listings.models import ListingItem
from marketplace.pictures import keepers, rules, workshop
from marketplace.pictures.images import Refused
from marketplace.pictures.models import Picture
from marketplace.pictures.storage import StorageError, media


class Chosen(NamedTuple):
    """A picture that is to be shown, by its row's id, and what it shows in words."""

    picture_id: int
    alt: str


_placed = (
    func.unnest(
        bindparam("ids", type_=ARRAY(BigInteger)),
        bindparam("item_ids", type_=ARRAY(BigInteger)),
        bindparam("positions", type_=ARRAY(SmallInteger)),
        bindparam("alts", type_=ARRAY(String)),
    )
    .table_valued(
        column("id", BigInteger),
        column("item_id", BigInteger),
        column("position", SmallInteger),
        column("alt", String),
    )
    .render_derived("placed")
)
_PLACE = (
    update(Picture)
    .where(Picture.id == _placed.c.id, Picture.owner_id == bindparam("owner"))
    .values(item_id=_placed.c.item_id, draft_id=None, position=_placed.c.position, alt=_placed.c.alt)
)
_LET_GO = update(Picture).values(item_id=None, draft_id=None)


def store_uploads(
    owner_id: int | None,
    draft_id: UUID | None,
    files: Sequence[FileStorage],
    room: int = rules.PICTURES_MAXIMUM,
) -> list[Picture | str]:
    """Take the files in, each for itself, and return for each its new row or the sentence that refuses it.

    `room` is how many pictures the item can still have. The files are stored before this returns, and the
    rows are flushed. What is stored for a request that fails afterwards has no row, and is swept later.
    """
    with workshop.place() as taken:
        outcomes: list[Picture | str] = []
        for file in files:
            try:
                if not taken:
                    raise Refused("busy")
                if room <= 0:
                    raise Refused("too_many")
                outcomes.append(_store(owner_id, draft_id, file))
                room -= 1
            except Refused as refusal:
                outcomes.append(rules.sentence(refusal.reason, file.filename))
    db.session.add_all(each for each in outcomes if isinstance(each, Picture))
    db.session.flush()
    return outcomes


def arrange_pictures(owner_id: int, chosen: Mapping[int, Sequence[Chosen]]) -> None:
    """Let each of the owner's items, by its id, show just these pictures in this order.

    Pictures that are gone or somebody else's are left out. Those that an item no longer shows are let go.
    Raises ValueError when an item is to show too many.
    """
    if any(len(pictures) > rules.PICTURES_MAXIMUM for pictures in chosen.values()):
        raise ValueError(f"An item has up to {rules.PICTURES_MAXIMUM} pictures.")
    places = [
        (picture.picture_id, item_id, position, rules.plain_alt(picture.alt))
        for item_id, pictures in chosen.items()
        for position, picture in enumerate(pictures, start=1)
    ]
    ids, item_ids, positions, alts = map(list, zip(*places, strict=True)) if places else ([], [], [], [])
    _execute(_LET_GO.where(Picture.item_id.in_(list(chosen)), Picture.id.not_in(ids)))
    _execute(
        _PLACE, {"owner": owner_id, "ids": ids, "item_ids": item_ids, "positions": positions, "alts": alts}
    )


def release_pictures(owner_id: int, picture_ids: Sequence[int]) -> None:
    """Take the owner's pictures from whatever shows them; the sweep deletes them later."""
    _execute(_LET_GO.where(Picture.owner_id == owner_id, Picture.id.in_(picture_ids)))


def take_away_picture(picture_id: int) -> None:
    """Take a picture from its item and its owner, who cannot show it again; the sweep deletes it later."""
    _execute(_LET_GO.values(owner_id=None).where(Picture.id == picture_id))


def send_pictures(message_id: int, picture_ids: Sequence[int]) -> None:
    """Let these pictures, which have just been taken in, be those of a message."""
    _execute(update(Picture).where(Picture.id.in_(picture_ids)).values(message_id=message_id))


def claim_pictures(owner_id: int, draft_id: UUID) -> None:
    """Make the pictures of a draft that nobody owned those of its owner."""
    _execute(
        update(Picture)
        .where(Picture.draft_id == draft_id, Picture.owner_id.is_(None))
        .values(owner_id=owner_id)
    )


def delete_loose_pictures(before: datetime) -> list[str]:
    """Delete the rows from before that moment which no item, draft or message shows, nor anything else.

    Returns the keys whose files nothing needs any more; they may go once this is committed.
    """
    is_loose = (Picture.item_id.is_(None), Picture.draft_id.is_(None), Picture.message_id.is_(None))
    shown = (~is_kept for is_kept in keepers.kept_elsewhere())
    return _deleted(*is_loose, Picture.created_at < before, *shown)


def delete_pictures_of(owner_id: int) -> list[str]:
    """Delete the rows of all pictures that are the member's, whatever shows them.

    Returns the keys whose files nothing needs any more; they may go once this is committed.
    """
    own_items = select(ListingItem.id).where(ListingItem.owner_id == owner_id)
    return _deleted(or_(Picture.owner_id == owner_id, Picture.item_id.in_(own_items)))


def _deleted(*conditions: ColumnElement[bool]) -> list[str]:
    statement = delete(Picture).where(*conditions).returning(Picture.key)
    deleted = set(db.session.scalars(statement, execution_options={"synchronize_session": False}))
    needed = set(db.session.scalars(select(Picture.key).distinct().where(Picture.key.in_(deleted))))
    return sorted(deleted - needed)


def _store(owner_id: int | None, draft_id: UUID | None, file: FileStorage) -> Picture:
    # One byte more than is allowed tells that there are too many.
    made = workshop.make_variants(file.stream.read(rules.FILE_MAXIMUM + 1))
    key = token_hex(16)
    try:
        media().save(key, made.files)
    except StorageError as error:
        current_app.logger.error("A picture cannot be stored: %s", error)
        raise Refused("not_kept") from error
    return Picture(key=key, owner_id=owner_id, draft_id=draft_id, width=made.width, height=made.height)


def _execute(statement: Update, values: Mapping[str, Any] | None = None) -> None:
    # Rows that this session has read already keep what it read.
    db.session.execute(statement, values or {}, execution_options={"synchronize_session": False})
