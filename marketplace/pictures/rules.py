"""What a picture may be, what its files are called, and what is said of one that cannot be taken."""

import re
import unicodedata

from marketplace.pictures.models import ALT_LENGTH, PICTURES_MAXIMUM

FILE_MAXIMUM = 15_000_000
PIXELS_MAXIMUM = 50_000_000
# A file of this name is at most this many pixels wide.
WIDTHS = (320, 640, 1280)
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
FILE_NAMES = frozenset(f"{width}.{ending}" for width in WIDTHS for ending in TYPES)

KEY = re.compile(r"[0-9a-f]{32}")
NAME_SHOWN = 60
SENTENCES = {
    "empty": "“{name}” is empty: choose the picture again.",
    "too_big": "“{name}” is larger than 15 MB: choose a smaller picture.",
    "too_many_pixels": "“{name}” has more than 50 megapixels: choose a smaller picture.",
    "not_a_picture": "“{name}” is not a JPEG, PNG, WebP or HEIC picture: choose one of these.",
    "broken": "“{name}” is damaged, or did not arrive whole: send it again, or choose another picture.",
    "too_costly": "“{name}” takes too long to open: save it anew, or choose another picture.",
    "too_many": "“{name}” is one too many: an item has up to {most} pictures.",
    "busy": "“{name}” had to wait for too many other pictures: add it again in a minute.",
    "not_kept": "“{name}” could not be stored just now: add it again in a few minutes.",
}


def sentence(reason: str, file_name: str | None) -> str:
    """Say of the file that was sent under this name why it cannot be taken."""
    return SENTENCES[reason].format(name=shown_name(file_name), most=PICTURES_MAXIMUM)


def shown_name(file_name: str | None) -> str:
    """Return a file's name as it can be shown: without its folder, and not endless."""
    last = re.split(r"[/\\]", file_name or "")[-1]
    visible = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip()
    if len(visible) > NAME_SHOWN:
        visible = visible[: NAME_SHOWN - 1] + "…"
    return visible or "This file"


def plain_alt(text: str) -> str:
    """Return an alternative text as it is stored: one line, not too long."""
    visible = "".join(each for each in text if each.isspace() or unicodedata.category(each)[0] != "C")
    return " ".join(visible.split())[:ALT_LENGTH].strip()
