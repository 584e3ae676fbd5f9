"""What pages are told of pictures: addresses, sizes and words, in one statement however many there are."""

import uuid

import pytest

from marketplace.pictures import queries
from marketplace.posting.models import ListingDraft
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.usefixtures("context")

KEY = "0123456789abcdef" * 2


@pytest.fixture
def items(make, rows):
    listing = make.listing(items=[{"kind": "want"}, {}, {}])
    return [id_ for (id_,) in rows("SELECT id FROM listing_items WHERE listing_id = :id", id=listing.id)]


def test_a_picture_says_where_its_files_are(make, items):
    make.picture(key=KEY, item_id=items[1], alt="A drill", width=4000, height=3000)
    [picture] = queries.pictures_of_items(items)[items[1]]
    assert (picture.key, picture.alt, picture.width, picture.height) == (KEY, "A drill", 4000, 3000)
    assert picture.src == f"/media/{KEY}/640.jpg"
    assert picture.large == f"/media/{KEY}/1280.jpg"
    assert picture.webp == (
        f"/media/{KEY}/320.webp 320w, /media/{KEY}/640.webp 640w, /media/{KEY}/1280.webp 1280w"
    )
    assert picture.jpeg == picture.webp.replace(".webp", ".jpg")


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        (100, 80, ["320.jpg 100w"]),
        (320, 80, ["320.jpg 320w"]),
        (500, 80, ["320.jpg 320w", "640.jpg 500w"]),
        (1000, 80, ["320.jpg 320w", "640.jpg 640w", "1280.jpg 1000w"]),
        (1000, 20_000, ["320.jpg 64w", "640.jpg 128w", "1280.jpg 256w"]),
    ],
)
def test_sizes_are_told_as_they_are_and_none_twice(width, height, sizes, make, items):
    make.picture(key=KEY, item_id=items[1], width=width, height=height)
    [picture] = queries.pictures_of_items(items)[items[1]]
    assert picture.jpeg == ", ".join(f"/media/{KEY}/{size}" for size in sizes)


def test_pictures_come_in_their_order_by_item(make, items):
    third, first = (make.picture(item_id=items[1], position=place).id for place in (3, 1))
    other = make.picture(item_id=items[2], position=2).id
    make.picture()
    found = queries.pictures_of_items([*items, 10**9])
    assert {item: [picture.id for picture in pictures] for item, pictures in found.items()} == {
        items[1]: [first, third],
        items[2]: [other],
    }
    assert queries.pictures_of_items([]) == {}


def test_the_cover_of_a_listing_is_the_first_picture_that_it_offers(make, items, rows):
    listing_id = rows("SELECT listing_id FROM listing_items WHERE id = :id", id=items[0])[0][0]
    make.picture(item_id=items[0])
    assert queries.covers_of_listings([listing_id]) == {}
    later = make.picture(item_id=items[2]).id
    assert queries.covers_of_listings([listing_id])[listing_id].id == later
    make.picture(item_id=items[1], position=2)
    first = make.picture(item_id=items[1], position=1).id
    assert queries.covers_of_listings([listing_id, 10**9])[listing_id].id == first


def test_a_drafts_pictures_are_those_in_no_item(make, items):
    draft = make.saved(ListingDraft(owner_id=make.member().id))
    first, second = (make.picture(draft_id=draft.id).id for _ in range(2))
    make.picture(item_id=items[1])
    assert [picture.id for picture in queries.pictures_of_draft(draft.id)] == [first, second]
    assert queries.pictures_of_draft(uuid.uuid4()) == []


def test_a_member_finds_own_pictures_alone(make):
    owner = make.member()
    own, others = make.picture(owner_id=owner.id).id, make.picture(owner_id=make.member().id).id
    assert queries.own_pictures(owner.id, [own, others, make.picture().id]).keys() == {own}


@pytest.mark.parametrize("count", [1, 8])
def test_each_takes_one_statement(count, make, items):
    for place in range(1, count + 1):
        make.picture(item_id=items[1], position=place)
    with recorded_statements() as statements:
        queries.pictures_of_items(items)
        queries.covers_of_listings([1])
    assert len(statements) == 2


def test_addresses_begin_where_the_site_does(app, connection, make, items):
    make.picture(key=KEY, item_id=items[1])
    with app.test_request_context("/", base_url="http://localhost/kula"):
        [picture] = queries.pictures_of_items(items)[items[1]]
    assert picture.src == f"/kula/media/{KEY}/640.jpg"
