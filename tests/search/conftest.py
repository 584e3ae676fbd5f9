"""A site of generated listings, on which searches are held against the model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from marketplace.search import plan
from tests.search.model import CATEGORIES, Listing

# Ways to answer: gathering, walking, and walking so little that gathering follows.
WAYS = {
    "gather": {},
    "walk": {"GATHERED_MAXIMUM": -1, "GATHERED_WITH_ITEMS": -1, "CLOSEST_GATHERED": -1},
    "walk a little": {
        "GATHERED_MAXIMUM": -1,
        "GATHERED_WITH_ITEMS": -1,
        "CLOSEST_GATHERED": -1,
        "WALKED_MAXIMUM": 2,
        "WALKED_WITH_ITEMS": 2,
        "CLOSEST_WALKED_MAXIMUM": 2,
    },
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the ways in which a search can be answered."""
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(plan, name, value)
    return str(request.param)


@pytest.fixture
def filled(app: Any, connection: Any) -> Callable[..., Any]:
    """Fills the site with listings as long as a block lasts, in an application context."""

    @contextmanager
    def fill(listings: list[Listing]) -> Iterator["Site"]:
        savepoint = connection.begin_nested()
        try:
            site = Site(connection)
            site.add(listings)
            with app.test_request_context():
                yield site
        finally:
            savepoint.rollback()

    return fill


class Site:
    """Writes listings of the model into the database."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.now = datetime.now(UTC)
        self.owner_id = self._one(
            "INSERT INTO users (username, email, password_hash) VALUES ('owner', 'o@example.org', 'x')"
            " RETURNING id"
        )
        self.category_ids: dict[str, int] = {}
        for path, names in CATEGORIES.items():
            self.category_ids[path] = self._one(
                "INSERT INTO categories (parent_id, level, name, slug)"
                " VALUES (:parent_id, :level, :name, :slug) RETURNING id",
                parent_id=self.category_ids.get(path.rpartition("/")[0]),
                level=len(names),
                name=names[-1],
                slug=path.rpartition("/")[2],
            )

    def add(self, listings: list[Listing]) -> None:
        """Write the listings under the ids they have, with their items and pictures."""
        for listing in listings:
            self.connection.execute(
                text("""
                    INSERT INTO listings (id, owner_id, category_id, title, description, status, area,
                        created_at, expires_at, lifetime_days)
                    OVERRIDING SYSTEM VALUE
                    VALUES (:id, :owner_id, :category_id, :title, :description, :status, :area,
                        :created_at, :expires_at, :lifetime_days)
                """),
                {
                    "id": listing.id,
                    "owner_id": self.owner_id,
                    "category_id": self.category_ids[listing.category],
                    "title": " ".join(listing.title),
                    "description": " ".join(listing.description),
                    "status": listing.status,
                    "area": listing.area,
                    "created_at": self.now - listing.age,
                    "expires_at": self.now + listing.expires_in if listing.expires_in else None,
                    "lifetime_days": 30 if listing.expires_in else None,
                },
            )
            for item in listing.items:
                item_id = self._one(
                    "INSERT INTO listing_items (listing_id, owner_id, kind, name, exchange_type,"
                    " duration_days, value, condition) VALUES (:listing_id, :owner_id, :kind, :name,"
                    " :exchange_type, :duration_days, :value, :condition) RETURNING id",
                    listing_id=listing.id,
                    owner_id=self.owner_id,
                    kind=item.kind,
                    name=" ".join(item.name),
                    exchange_type=item.exchange_type,
                    duration_days=item.duration_days,
                    value=item.value,
                    condition=item.condition,
                )
                if item.picture:
                    self._one(
                        "INSERT INTO pictures (key, item_id, width, height)"
                        " VALUES (md5('1'), :item_id, 1, 1) RETURNING id",
                        item_id=item_id,
                    )

    def _one(self, statement: str, **values: Any) -> int:
        return int(self.connection.execute(text(statement), values).scalar_one())
