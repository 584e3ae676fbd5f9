"""Where the files of pictures are kept: in a folder, or on storage that speaks S3.

A place knows files by the key of their picture and a name such as 640.webp, and nothing of the database.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.wsgi import FileWrapper

# The two hexadecimal digits with which a key may begin.
PREFIXES = tuple(f"{number:02x}" for number in range(256))


class StorageError(Exception):
    """The place could not do what was asked of it; the text says why."""


class Stored(NamedTuple):
    """What is there under one key: the names of its files, and when the last of them was written."""

    key: str
    names: frozenset[str]
    changed_at: datetime


class File(NamedTuple):
    """An open file: its length, and its content piece by piece; whoever opened it closes `pieces`."""

    size: int
    pieces: FileWrapper


class Place(Protocol):
    """What both kinds of storage do. Every method raises StorageError when the place is in trouble."""

    def save(self, key: str, files: Mapping[str, bytes]) -> None:
        """Keep a picture's files; they are safe when this returns."""

    def open(self, key: str, name: str) -> File | None:
        """Return one file, None when there is none."""

    def stored(self, prefix: str) -> list[Stored]:
        """Return all that is there under keys that begin with these two digits, in order of the keys."""

    def delete(self, key: str) -> None:
        """Remove a picture's files, whichever of them are there."""

    def unfinished(self) -> list[Stored]:
        """Return what was begun and never became a picture; its keys are names that `delete` takes."""


def init_app(app: Flask) -> None:
    """Make the place that MEDIA_URL names. Raises ConfigError when it cannot be used."""
    url = urlsplit(app.config["MEDIA_URL"])
    place: Place
    if url.scheme == "s3":
        # Imported only here: a site that keeps its files in a folder never loads the client.
        from marketplace.pictures.storage.bucket import Bucket

        place = Bucket.at(url)
    else:
        from marketplace.pictures.storage.folder import Folder

        place = Folder.at(url)
    app.extensions["media"] = place


def media() -> Place:
    """Return the application's place."""
    place: Place = current_app.extensions["media"]
    return place
