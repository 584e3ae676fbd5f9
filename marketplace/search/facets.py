"""What a search asks of listings besides words, as lexemes that no word can be.

Each search entry's document holds, beside the words, for the listing as a whole:
`category:<id>` for its category and each one above · `area:<folded area>` · `picture:yes` ·
and for each of its items `kind:<kind>` · `type:<exchange type>` · `kind-type:<kind>-<exchange type>` ·
`condition:<condition>` · `value:<number of binary digits of the value>`.
"""

import re
from collections.abc import Iterable

from marketplace.listings.models import VALUE_MAXIMUM
from marketplace.search.filters import KINDS, Search
from marketplace.search.words import WORD_BYTES_MAXIMUM, fold

# The beginnings of the lexemes above: the beginning of a word must never be the beginning of one of these.
_NAMES = ("category:", "area:", "picture:", "kind:", "kind-type:", "type:", "condition:", "value:")
_BEGINNING = re.compile(r"'((?:[^']|'')*)':\*")


def facet_query(search: Search, category_id: int | None) -> str:
    """Return the facets of `search` as the text of a tsquery; empty when it asks for none.

    `category_id` is the id of the search's category. What the query finds may be more than what the search
    asks of one single item: see `asks_more_of_an_item`.
    """
    kind = KINDS[search.kind] if search.kind else None
    parts = []
    if category_id is not None:
        parts.append(f"'category:{category_id}'")
    if kind and search.exchange_type:
        parts.append(f"'kind-type:{kind}-{search.exchange_type}'")
    elif kind:
        parts.append(f"'kind:{kind}'")
    elif search.exchange_type:
        parts.append(f"'type:{search.exchange_type}'")
    if search.conditions:
        parts.append(_any_of(f"'condition:{condition}'" for condition in search.conditions))
    if search.value_from is not None or search.value_to is not None:
        lowest = (search.value_from or 0).bit_length()
        highest = (VALUE_MAXIMUM if search.value_to is None else search.value_to).bit_length()
        parts.append(_any_of(f"'value:{digits}'" for digits in range(lowest, highest + 1)))
    if search.area:
        parts.append(_area(search.area))
    if search.picture:
        parts.append("'picture:yes'")
    return " & ".join(parts)


def asks_more_of_an_item(search: Search) -> bool:
    """Tell whether one item must meet what the facets say of the listing as a whole, or say less exactly."""
    asked = (search.kind or search.exchange_type, search.conditions)
    exact_only = search.days is None and search.value_from is None and search.value_to is None
    return not exact_only or all(asked)


def whole_words_only(query: str) -> str:
    """Return the text of a tsquery without beginnings of words that facets begin with as well."""
    return _BEGINNING.sub(
        lambda match: match[0][:-2] if any(name.startswith(match[1]) for name in _NAMES) else match[0], query
    )


def joined(*queries: str) -> str:
    """Return the tsquery that asks for all of `queries`, each the text of one, or empty to ask nothing."""
    return " & ".join(f"({query})" for query in queries if query)


def _area(area: str) -> str:
    """Listings whose area is this one, or begins with its words."""
    folded = " ".join(fold(area).split())
    if len(f"area:{folded} ".encode()) > WORD_BYTES_MAXIMUM:
        return "'area:'"
    return f"('area:{folded}' | 'area:{folded} ':*)"


def _any_of(lexemes: Iterable[str]) -> str:
    return f"({' | '.join(lexemes)})"
