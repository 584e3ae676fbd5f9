"""Which listings are similar, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.categories.queries import load_tree
from marketplace.listings.similar import COMPARED, SHOWN, Sought, similar_cards

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def tools(make):
    return make.category(name="Tools")


@pytest.fixture
def saws(make, tools):
    return make.category(tools, name="Saws")


@pytest.fixture
def similar(context, saws):
    """The titles of what is similar to a listing in `saws`."""

    def find(listing_id=0, **sought):
        cards = similar_cards(load_tree(), Sought(listing_id, sought.pop("category_id", saws.id), **sought))
        return [card.title for card in cards]

    return find


def test_same_category_then_area_then_words_then_the_newest(make, tools, saws, similar):
    def post(title, category=saws, minutes=0, **values):
        moment = NOON + timedelta(minutes=minutes)
        return make.listing(title=title, category_id=category.id, created_at=moment, **values)

    post("Japanese saws", category=tools, minutes=9, area="Harbour")
    post("Blades", minutes=1, area="Harbour side")
    post("Blades, newer", minutes=2, area="Harbour side")
    post("Jápanese saw", area="HARBOUR, side!")
    post("A Japanese saw", area="Elsewhere")
    title = "Japanese saws, two"
    assert similar(title=title, area="Harbour side") == [
        "Jápanese saw",
        "Blades, newer",
        "Blades",
        "A Japanese saw",
    ]
    assert similar(title=title)[:2] == ["A Japanese saw", "Jápanese saw"]
    assert similar() == ["Blades, newer", "Blades", "A Japanese saw", "Jápanese saw"]


def test_the_names_of_items_count_less_than_titles_and_descriptions_not_at_all(make, saws, similar):
    make.listing(title="Odds and ends", category_id=saws.id, items=[{"name": "Hacksaw"}])
    make.listing(title="Ends and odds", category_id=saws.id, description="Hacksaw")
    make.listing(title="Hacksaw", category_id=saws.id)
    make.listing(title="Newest", category_id=saws.id)
    assert similar(title="hacksaw") == ["Hacksaw", "Odds and ends", "Newest", "Ends and odds"]


def test_neither_the_listing_itself_nor_others_of_its_owner(make, saws, similar):
    listing = make.listing(category_id=saws.id, title="Itself")
    make.listing(category_id=saws.id, title="Of its owner", owner_id=listing.owner_id)
    make.listing(category_id=saws.id, title="Another")
    assert similar(listing.id, owner_id=listing.owner_id) == ["Another"]
    # Of a deleted listing the owner is not known.
    assert similar(listing.id) == ["Another", "Of its owner"]


def test_only_what_everyone_may_see(make, saws, similar):
    past = datetime.now(UTC) - timedelta(seconds=1)
    make.listing(category_id=saws.id, status="archived")
    make.listing(category_id=saws.id, lifetime_days=30, expires_at=past)
    make.listing(category_id=saws.id, status="expired", lifetime_days=30, expires_at=past)
    assert similar() == []


def test_neighbours_fill_what_the_category_leaves(make, tools, saws, similar):
    drills = make.category(tools)
    books = make.category()
    for category, count in ((books, 3), (tools, 1), (drills, 3), (saws, 2)):
        for number in range(count):
            make.listing(category_id=category.id, title=f"{category.name} {number}", created_at=NOON)
    assert len(similar()) == SHOWN
    assert set(similar()[:2]) == {"Saws 0", "Saws 1"}
    assert not [title for title in similar() if title.startswith(books.name)]
    # Of a root, those are the categories below.
    assert similar(category_id=tools.id)[0] == "Tools 0"
    assert similar(category_id=books.id) == [f"{books.name} {n}" for n in (2, 1, 0)]


def test_a_category_that_is_hidden_has_itself_alone(make, similar):
    hidden = make.category(is_active=False)
    make.listing(category_id=hidden.id, title="Hidden too")
    assert similar(category_id=hidden.id) == ["Hidden too"]


def test_no_more_than_the_newest_of_a_large_category_are_compared(make, saws, similar, connection):
    from sqlalchemy import text

    make.listing(category_id=saws.id, title="Hacksaw", created_at=NOON - timedelta(days=1))
    owner = make.member()
    connection.execute(
        text(
            "INSERT INTO listings (owner_id, category_id, title, created_at)"
            " SELECT :owner, :category, 'Blades', :noon FROM generate_series(1, :count)"
        ),
        {"owner": owner.id, "category": saws.id, "noon": NOON, "count": COMPARED - 1},
    )
    assert similar(title="hacksaw")[0] == "Hacksaw"
    make.listing(category_id=saws.id, title="Blades", created_at=NOON)
    assert "Hacksaw" not in similar(title="hacksaw")


@pytest.mark.parametrize("title", ["the", "&", "a & !b | 'c':*", "\\", "東京", "'; --", "x" * 120])
@pytest.mark.parametrize("area", ["'", "\\", "&|!:*", "東京", "((", " "])
def test_signs_in_titles_and_areas_are_words_or_nothing(title, area, make, saws, similar):
    make.listing(category_id=saws.id, title="Saw")
    assert similar(title=title, area=area) == ["Saw"]
