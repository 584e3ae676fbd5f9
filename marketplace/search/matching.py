"""Which search entries a search finds: one condition in SQL, the same for lists and for counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.blocks.queries import apart_in_sql
from marketplace.categories.tree import Node
from marketplace.search.facets import asks_more_of_an_item, facet_query, joined
from marketplace.search.filters import KINDS, Search

# The reader may find what this holds for.
ON_SHOW = f"entry.expires_at > now() AND entry.shown_from <= now() AND {apart_in_sql('entry.owner_id')}"
# psycopg2 writes the values into the statement, so the planner sees them: what is not asked for is
# `true OR …` and falls away, and the number of matches can be estimated.
_TEXT = "(:any_text{n} OR entry.document @@ CAST(:query{n} AS tsquery))"
# The categories are in the query as well. These conditions only sort out the rest; IS TRUE keeps the planner
# from reading an index for them, which would give it far more rows than the words do.
_CONDITION = """
    {text}
    AND ({on_show}) IS TRUE
    AND (:any_category{n} OR (entry.category_id = ANY (CAST(:category_ids{n} AS bigint[]))) IS TRUE)
    AND (:any_item{n} OR (
        SELECT true FROM listing_items AS item
        WHERE item.listing_id = entry.listing_id AND item.owner_id = entry.owner_id AND {item}
        LIMIT 1
    ))
"""
# What one single item of the listing must be.
_ITEM = """
    (CAST(:kind{n} AS text) IS NULL OR item.kind = :kind{n})
    AND (CAST(:exchange_type{n} AS text) IS NULL OR item.exchange_type = :exchange_type{n})
    AND (CAST(:days{n} AS integer) IS NULL OR item.duration_days >= :days{n})
    AND (CAST(:value_from{n} AS integer) IS NULL OR item.value >= :value_from{n})
    AND (CAST(:value_to{n} AS integer) IS NULL OR item.value <= :value_to{n})
    AND (:any_condition{n} OR item.condition = ANY (CAST(:conditions{n} AS text[])))
"""
_SINCE = """
    greatest(
        coalesce(now() - make_interval(days => CAST(:posted{n} AS integer)), '-infinity'),
        coalesce(CAST(:since{n} AS timestamptz), '-infinity')
    )
"""


def condition(number: object = "") -> str:
    """Return the SQL condition on `entry`; `number` is appended to the names of its parameters."""
    return _CONDITION.format(
        n=number, on_show=ON_SHOW, text=text_condition(number), item=item_condition(number)
    )


def text_condition(number: object = "") -> str:
    """Return the part of the condition that the index of words answers."""
    return _TEXT.format(n=number)


def item_condition(number: object = "") -> str:
    """Return the SQL condition on one `item`."""
    return _ITEM.format(n=number)


def since(number: object = "") -> str:
    """Return the SQL expression for the moment before which no listing is looked for."""
    return _SINCE.format(n=number)


@dataclass(frozen=True)
class Match:
    """A search with all that the condition needs to know besides: its words as a tsquery, and its categories.

    `category` is the node of the search's category. `since` leaves out what was posted before or then.
    """

    search: Search
    words: str = ""
    category: Node | None = None
    since: datetime | None = None

    @property
    def query(self) -> str:
        """The text of the tsquery for words and facets; empty when there are none."""
        return joined(self.words, facet_query(self.search, self.category.id if self.category else None))

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing but the category and the time is asked for: no index of words is needed."""
        return not joined(self.words, facet_query(self.search, None))

    @property
    def is_recent(self) -> bool:
        """Tell whether only what was posted lately is asked for."""
        return self.search.posted is not None or self.since is not None

    @property
    def checks_items(self) -> bool:
        """Tell whether the items of each listing have to be looked at."""
        return asks_more_of_an_item(self.search)

    def parameters(self, number: object = "") -> dict[str, Any]:
        """Return the values of the condition's parameters."""
        search, query = self.search, self.query
        values = {
            "any_text": not query,
            "query": query,
            "any_category": self.category is None,
            "category_ids": [node.id for node in self.category.subtree()] if self.category else [],
            "any_item": not self.checks_items,
            "kind": KINDS[search.kind] if search.kind else None,
            "exchange_type": search.exchange_type,
            "days": search.days,
            "value_from": search.value_from,
            "value_to": search.value_to,
            "any_condition": not search.conditions,
            "conditions": list(search.conditions),
            "posted": search.posted,
            "since": self.since,
        }
        return {f"{name}{number}": value for name, value in values.items()}
