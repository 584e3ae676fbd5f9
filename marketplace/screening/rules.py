"""What is found in the text of a listing, without a database.

Words are found where they stand as whole words: case and accents do not matter, nor what is between two
words that belong together. Letters with spaces between them, and letters that only look alike, are other
words. So is a word within a script that writes no spaces.
"""

import re
import unicodedata
from collections.abc import Iterable

# A member is new until so many of their listings have been on the site for so long.
LISTINGS_OF_THE_KNOWN = 3
DAYS_OF_THE_KNOWN = 7

LINK = "a link"

# What may follow a link and is no part of it.
_AFTER = ".,;:!?)\"'”’"
_WORD = re.compile(r"[^\W_]+")
# Each begins where a word does, or is short, so that the time it takes grows with the text and no faster.
_CONTACTS = (
    ("an e-mail address", re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[^\W\d_]{2,}")),
    (
        LINK,
        re.compile(
            r"(?:https?|ftp)://\S{1,200}|(?<![\w@])www\.[\w-][\w.-]{1,200}"
            r"|(?<![\w@])(?:[\w-]{1,63}\.){1,8}(?:com|net|org|info|biz|io)(?![\w-])(?:/\S{0,200})?",
            re.IGNORECASE,
        ),
    ),
    (
        "a phone number",
        re.compile(
            # As numbers begin that are dialled from elsewhere, with 9 to 15 digits in all; or 555-123-4567.
            r"(?<!\w)(?<!\d[.,])(?:\(?(?:\+|0)(?:[ ()./-]{0,2}\d){8,14}(?![ ()./-]{0,2}\d)"
            r"|\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?![ .-]?\d))(?!\w)"
        ),
    ),
)


def fold(text: str) -> str:
    """Return the words of `text` as they are compared, with one space between them; empty without any."""
    plain = _bare(unicodedata.normalize("NFKD", _bare(text).casefold())).casefold()
    return " ".join(_WORD.findall(plain))


def words_in(texts: Iterable[str], folded: Iterable[str]) -> list[str]:
    """Return those of the `folded` words that stand in one of the texts, in their order."""
    read = [f" {fold(text)} " for text in texts]
    return [words for words in folded if any(f" {words} " in text for text in read)]


def contacts_in(texts: Iterable[str]) -> dict[str, str]:
    """Return what leads from a listing to somewhere else, each with what it is, such as "a link"."""
    found: dict[str, str] = {}
    for text in texts:
        shown = unicodedata.normalize("NFKC", _bare(text))
        for what, pattern in _CONTACTS:
            for match in pattern.finditer(shown):
                found[match[0].rstrip(_AFTER)] = what
            # An address of mail has a site's name in it, and is no link for that.
            shown = pattern.sub(" ", shown)
    return found


def is_known(settled: int) -> bool:
    """Tell whether a member with so many listings that have been on the site for a while is new no more."""
    return settled >= LISTINGS_OF_THE_KNOWN


def refusal(words: str, where: str = "Listings") -> str:
    """Say to the writer which words a listing cannot have, or whatever else `where` names."""
    return f"{where} here cannot have “{words}” in them: leave it out"


def reason_to_look(words: Iterable[str], contacts: dict[str, str], length: int) -> str:
    """Say to moderators why they are asked to look, in at most `length` characters."""
    parts = [f"It has “{each}” in it, which is to be looked at." for each in words]
    parts += [
        f"It has {what} in it, and is of a member who is new here: {each}" for each, what in contacts.items()
    ]
    told = "\n".join(parts)
    return told if len(told) <= length else told[: length - 1] + "…"


def _bare(text: str) -> str:
    """Leave out what nobody sees, and marks on letters: many of them take long to put in order."""
    return "".join(letter for letter in text if unicodedata.category(letter) not in ("Mn", "Cf"))
