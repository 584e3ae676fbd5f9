"""What somebody typed into the search box, as a query for PostgreSQL's full-text search."""

import re
import unicodedata
from dataclasses import dataclass

TEXT_MAXIMUM = 200
TERMS_MAXIMUM = 12
# Shorter beginnings of words are found in far too many.
PREFIX_MINIMUM = 3
# PostgreSQL refuses words that are longer, and never indexes them.
WORD_BYTES_MAXIMUM = 2046

# The rules of the SQL function search_text, by which listings' words were indexed.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
_SIGNS = re.compile(
    "[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f"
    "\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe00-\ufe6f\uff00-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff]+"
)
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\u31ff"
    "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_TERM = re.compile(r'(?P<minus>[-−])?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True)
class Term:
    """Words that must follow each other: one for a plain word, several for a phrase.

    `excluded`: must not occur. `begins`: the last of them may be the beginning of a longer one.
    """

    words: tuple[str, ...]
    excluded: bool = False
    begins: bool = False

    def query(self) -> str:
        """Return the term in the language of to_tsquery."""
        # PostgreSQL takes what is quoted apart as it does with listings: several words follow each other.
        parts = [" ".join(self.words[:-1]), self.words[-1]] if self.begins else [" ".join(self.words)]
        text = " <-> ".join(f"'{part}'" for part in parts if part) + (":*" if self.begins else "")
        return f"!({text})" if self.excluded else f"({text})"


@dataclass(frozen=True)
class Words:
    """All that is looked for: each of `terms`. `problems` are sentences about what was left out."""

    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()

    def query(self) -> str:
        """Return a text that to_tsquery accepts, whatever was typed; empty when there is no term."""
        return " & ".join(term.query() for term in self.terms)


def fold(text: str) -> str:
    """Return `text` as listings' words were indexed, just as the SQL function search_text does.

    Lower case, without accents; signs are spaces, and the characters of scripts that write no spaces
    between words are words of their own.
    """
    if text.isascii():
        return re.sub("[^a-z0-9]+", " ", text.lower())
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    # By the character, as PostgreSQL does: Python knows a second small sigma for the end of a word.
    lower = "".join(character.lower() for character in unicodedata.normalize("NFKC", plain))
    return _UNSPACED.sub(r" \1 ", _SIGNS.sub(" ", lower))


def parse(text: str) -> Words:
    """Read what was typed: plain words, "quoted phrases" and -words that must not occur.

    The last plain word may be the beginning of a longer one.
    """
    problems = []
    if len(text) > TEXT_MAXIMUM:
        problems.append(f"Only the first {TEXT_MAXIMUM} characters of your search were used.")
    matches = _TERM.finditer(text[:TEXT_MAXIMUM].translate(_QUOTES))
    terms = [term for match in matches if (term := _term(match)) is not None]
    if len(terms) > TERMS_MAXIMUM:
        problems.append(f"Only the first {TERMS_MAXIMUM} words of your search were used.")
        terms = terms[:TERMS_MAXIMUM]
    if not terms and text.strip():
        problems.append(f"There is no word in “{text[:TEXT_MAXIMUM].strip()}” that can be looked for.")
    return Words(tuple(terms), tuple(problems))


def _term(match: re.Match[str]) -> Term | None:
    """Return the term that was typed, or None for one without a word in it."""
    folded = fold(match["phrase"] or match["word"] or "").split()
    words = tuple(word for word in folded if len(word.encode()) <= WORD_BYTES_MAXIMUM)
    if not words:
        return None
    excluded = match["minus"] is not None
    is_last = not match.string[match.end() :].strip()
    begins = is_last and match["word"] is not None and not excluded and len(words[-1]) >= PREFIX_MINIMUM
    return Term(words, excluded, begins)
