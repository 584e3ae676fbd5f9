"""Generated rows: the same for the same seed, within every rule of the schema, and varied."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from marketplace.sample_data.generate import generate
from marketplace.sample_data.people import PAIRS, username
from marketplace.sample_data.rows import Batch, Category, FirstIds, Item, Listing, Member
from marketplace.sample_data.vocabulary import Vocabulary

TODAY = date(2026, 3, 14)
END = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
START = END - timedelta(days=730)


@pytest.fixture(scope="module")
def batches(starter_paths: list[Category], vocabulary: Vocabulary) -> list[Batch]:
    """5,000 listings, in eight batches."""
    rows = generate(
        5_000, seed=1, categories=starter_paths, today=TODAY, vocabulary=vocabulary, batch_size=700
    )
    return list(rows)


def members_of(batches: list[Batch]) -> list[Member]:
    return [row for batch in batches for row in batch.members]


def listings_of(batches: list[Batch]) -> list[Listing]:
    return [row for batch in batches for row in batch.listings]


def items_of(batches: list[Batch]) -> list[Item]:
    return [row for batch in batches for row in batch.items]


def test_the_same_seed_gives_the_same_rows(
    batches: list[Batch], starter_paths: list[Category], vocabulary: Vocabulary
) -> None:
    def again(seed: int) -> list[Batch]:
        rows = generate(
            5_000, seed=seed, categories=starter_paths, today=TODAY, vocabulary=vocabulary, batch_size=700
        )
        return list(rows)

    assert again(1) == batches
    assert listings_of(again(2)) != listings_of(batches)


def test_batches_do_not_change_the_rows(
    batches: list[Batch], starter_paths: list[Category], vocabulary: Vocabulary
) -> None:
    whole = list(generate(5_000, seed=1, categories=starter_paths, today=TODAY, vocabulary=vocabulary))
    assert listings_of(whole) == listings_of(batches)
    assert items_of(whole) == items_of(batches)


def test_members_obey_the_schema(batches: list[Batch]) -> None:
    members = members_of(batches)
    assert len(members) == 5_000 // 8
    assert [member.id for member in members] == list(range(1, len(members) + 1))
    for member in members:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{2,29}", member.username)
        assert member.email == f"{member.username}@example.org"
        assert len(member.email) <= 254
        assert member.password_hash == "!"
        assert START <= member.created_at <= member.email_verified_at < END
        assert member.updated_at >= member.created_at


def test_listings_obey_the_schema(batches: list[Batch], starter_paths: list[Category]) -> None:
    joined = {member.id: member.created_at for member in members_of(batches)}
    known = {category.id for category in starter_paths}
    listings = listings_of(batches)
    assert [listing.id for listing in listings] == list(range(1, 5_001))
    for listing in listings:
        assert listing.category_id in known
        assert len(listing.title.strip()) >= 3
        assert len(listing.title) <= 120
        assert 1 <= len(listing.description) <= 5_000
        assert listing.status in {"active", "archived", "expired"}
        assert listing.area is None or 1 <= len(listing.area) <= 80
        assert listing.lifetime_days in {None, 30, 60, 90}
        assert (listing.lifetime_days is None) == (listing.expires_at is None)
        if listing.expires_at is not None and listing.status != "archived":
            assert (listing.expires_at <= END) == (listing.status == "expired")
            assert listing.expires_at <= END + timedelta(days=listing.lifetime_days)
        assert joined[listing.owner_id] < listing.created_at <= listing.updated_at <= END
        assert listing.created_at < END


def test_items_obey_the_schema(batches: list[Batch]) -> None:
    owners = {listing.id: listing.owner_id for listing in listings_of(batches)}
    items = items_of(batches)
    assert [item.id for item in items] == list(range(1, len(items) + 1))
    for item in items:
        assert item.owner_id == owners[item.listing_id]
        assert item.kind in {"offer", "want"}
        assert item.name == item.name.strip()
        assert 1 <= len(item.name) <= 120
        assert len(item.description) <= 2_000
        assert item.exchange_type in {"permanent", "temporary"}
        assert (item.duration_days is not None) == (item.exchange_type == "temporary")
        assert item.duration_days is None or 1 <= item.duration_days <= 365
        assert item.value is None or 0 <= item.value <= 1_000_000_000
        assert item.condition in {None, "new", "like_new", "good", "worn", "broken"}
        assert item.created_at <= item.updated_at <= END


def test_a_listing_is_stored_after_its_owner_and_in_order_of_time(batches: list[Batch]) -> None:
    stored: set[int] = set()
    for batch in batches:
        stored |= {member.id for member in batch.members}
        assert {listing.owner_id for listing in batch.listings} <= stored
        assert {item.listing_id for item in batch.items} == {listing.id for listing in batch.listings}
    assert all(one.created_at <= next_one.created_at for one, next_one in pairwise(listings_of(batches)))


def test_the_mixture_is_as_promised(batches: list[Batch], starter_paths: list[Category]) -> None:
    listings, items = listings_of(batches), items_of(batches)
    offers = Counter(item.listing_id for item in items if item.kind == "offer")
    wants = Counter(item.listing_id for item in items if item.kind == "want")
    assert set(offers) == {listing.id for listing in listings}
    assert set(offers.values()) == {1, 2, 3, 4}
    assert max(wants.values()) <= 4
    assert len(wants) < len(listings)
    lent = [item.exchange_type == "temporary" for item in items if item.kind == "offer"]
    assert 0.25 < sum(lent) / len(lent) < 0.35
    assert 0.02 < sum(listing.status == "archived" for listing in listings) / len(listings) < 0.04
    assert any(item.value is None for item in items if item.kind == "offer")
    expired = sum(listing.status == "expired" for listing in listings) / len(listings)
    assert 0.03 < expired < 0.12
    assert 0.4 < sum(listing.lifetime_days is not None for listing in listings) / len(listings) < 0.7
    areas = Counter(listing.area for listing in listings)
    assert len(areas) > 15
    assert 0 < areas[None] / len(listings) < 0.2
    conditions = Counter(item.condition for item in items if item.kind == "offer")
    assert set(conditions) == {None, "new", "like_new", "good", "worn", "broken"}
    leaves = {category.id for category in starter_paths if category.is_leaf}
    assert sum(listing.category_id in leaves for listing in listings) / len(listings) > 0.9
    assert any(not title.isascii() for title in (listing.title for listing in listings))
    late = sum(listing.created_at > END - timedelta(days=180) for listing in listings)
    early = sum(listing.created_at < START + timedelta(days=180) for listing in listings)
    assert late > early > 0
    per_owner = Counter(listing.owner_id for listing in listings).most_common()
    assert per_owner[0][1] > 40


def test_listings_are_varied(batches: list[Batch]) -> None:
    texts = [(listing.title, listing.description) for listing in listings_of(batches)[:2_000]]
    assert len(set(texts)) / len(texts) >= 0.9


def test_a_page_of_one_category_is_varied(batches: list[Batch], starter_paths: list[Category]) -> None:
    titles: dict[int, list[str]] = {}
    for listing in listings_of(batches):
        titles.setdefault(listing.category_id, []).append(listing.title)
    pages = [page[:24] for page in titles.values() if len(page) >= 24]
    assert len(pages) > 40
    assert sum(len(set(page)) for page in pages) / len(pages) > 20


def test_one_listing_and_ids_after_others(starter_paths: list[Category], vocabulary: Vocabulary) -> None:
    first_ids = FirstIds(member=50, listing=700, item=9_000)
    rows = list(
        generate(1, seed=1, categories=starter_paths, today=TODAY, vocabulary=vocabulary, first_ids=first_ids)
    )
    assert [member.id for member in members_of(rows)] == [50]
    assert [(listing.id, listing.owner_id) for listing in listings_of(rows)] == [(700, 50)]
    assert items_of(rows)[0].id == 9_000


def test_no_two_ids_share_a_username() -> None:
    ids = [*range(1, 3 * PAIRS), *range(9_990_000, 10_000_000)]
    names = {username(member_id) for member_id in ids}
    assert len(names) == len(ids)
    assert max(map(len, names)) <= 30
