"""Screened words for tests."""

from typing import Any

from marketplace.screening.models import ScreenedWord
from marketplace.screening.rules import fold
from tests.factories.base import Factory


class ScreeningFactory(Factory):
    """Makes words that no listing can have, unless told otherwise."""

    def screened_word(self, words: str = "ivory", **values: Any) -> ScreenedWord:
        """Save `words`."""
        defaults = {"words": words, "folded": fold(words), "outcome": "refuse"}
        word: ScreenedWord = self.saved(ScreenedWord(**(defaults | values)))
        return word
