"""Did you mean: words that no listing uses, replaced by ones that listings do use."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from marketplace.search.words import Words, fold

# Shorter words are like too many others.
SHORTEST = 4
DISTANCE_MAXIMUM = 2
# In a short word, two letters make another word.
LONG_WORD = 6


class KnownWord(NamedTuple):
    """A word that listings use, and in how many of them."""

    word: str
    uses: int


def words_to_check(words: Words) -> list[str]:
    """Return the words that may be misspelt: those that are looked for and long enough."""
    looked_for = (word for term in words.terms if not term.excluded for word in term.words)
    return [word for word in dict.fromkeys(looked_for) if len(word) >= SHORTEST and not word.isdigit()]


def fragments_of(word: str) -> set[str]:
    """Return the word, and the word without each one of its letters, as search_words holds them."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def best_replacement(word: str, known: Sequence[KnownWord]) -> str | None:
    """Return the known word that is nearest to `word`, of these the most used; None when none is near."""
    most = DISTANCE_MAXIMUM if len(word) >= LONG_WORD else 1
    near = [
        (distance, -each.uses, each.word)
        for each in known
        if (distance := DamerauLevenshtein.distance(word, each.word, score_cutoff=most)) <= most
    ]
    return min(near)[2] if near else None


def corrected(text: str, replacements: Mapping[str, str]) -> str:
    """Return what was typed with words replaced; `replacements` maps folded words to better ones."""
    return re.sub(r"\w+", lambda match: replacements.get(fold(match[0]).strip(), match[0]), text)
