"""The copy of all that the site has of a member: a zip file, made without holding more than a piece of it."""

import json
from collections.abc import Iterable
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from flask import current_app, render_template

from marketplace.extensions import db
from marketplace.own_data import parts
from marketplace.pictures.queries import keys_of_owner
from marketplace.pictures.rules import WIDTHS
from marketplace.pictures.storage import media

# The largest that is kept; a JPEG is shown everywhere.
PICTURE = f"{WIDTHS[-1]}.jpg"
ROWS_AT_ONCE = 200


def make_copy(member_id: int) -> IO[bytes]:
    """Return the member's copy as a file that is open at its beginning, and gone when it is closed.

    Raises StorageError when the pictures cannot be read.
    """
    file = TemporaryFile()  # noqa: SIM115 - it is handed over.
    try:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", render_template("own_data/README.txt", parts=parts.all_parts()))
            for part in parts.all_parts():
                with archive.open(f"{part.name}.json", "w") as target:
                    _write_rows(target, _rows_of(part, member_id))
            for key in keys_of_owner(member_id):
                _add_picture(archive, key)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _rows_of(part: parts.Part, member_id: int) -> Iterable[Any]:
    options = {"yield_per": ROWS_AT_ONCE}
    return db.session.execute(part.statement, {"member_id": member_id}, execution_options=options).mappings()


def _write_rows(target: IO[bytes], rows: Iterable[Any]) -> None:
    before = "["
    for row in rows:
        target.write((before + json.dumps(dict(row), ensure_ascii=False, indent=1, default=_plain)).encode())
        before = ",\n"
    target.write(b"[]\n" if before == "[" else b"]\n")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _add_picture(archive: ZipFile, key: str) -> None:
    """Add a picture's file; one that was lost is left out, as the copy's README says."""
    found = media().open(key, PICTURE)
    if found is None:
        current_app.logger.warning("The files of the picture %s are missing.", key)
        return
    # Pictures are as small as they get.
    entry = ZipInfo(f"pictures/{key}.jpg")
    entry.compress_type = ZIP_STORED
    try:
        with archive.open(entry, "w") as target:
            for piece in found.pieces:
                target.write(piece)
    finally:
        found.pieces.close()
