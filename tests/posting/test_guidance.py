"""Categories that fit a title, and what similar things went for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.posting import guidance
from marketplace.posting.rules import Alike, range_of_values
from tests.support.html import text_of
from tests.support.posting import new_draft_address, press


@pytest.fixture
def drills(make):
    return make.category(make.category(name="Tools"), name="Drills")


@pytest.fixture
def plants(make):
    return make.category(name="Plants")


@pytest.fixture
def offer(make):
    """Makes listings of one thing each, in a category, at these values."""

    def make_some(category, name, *values, **more):
        return [
            make.listing(category_id=category.id, title=name, items=[{"name": name, "value": value}], **more)
            for value in values
        ]

    return make_some


@pytest.fixture
def swapped(make, offer):
    """Makes completed swaps of one thing each, in a category, at these values."""

    def make_some(category, name, *values, state="completed"):
        giver, getter = make.member(), make.member()
        for listing in offer(category, name, *values, owner_id=giver.id):
            make.exchange(getter, giver, [], [make.thing_of(listing)], state=state)

    return make_some


def suggested(page):
    buttons = [button for button in page.iter("button") if button.get("name") == "category"]
    return [(button.get("value"), text_of(button)) for button in buttons]


def guide(page, row="offers-0"):
    return text_of(page.find(f".//*[@data-guided='{row}']/aside"))


def test_a_title_leads_to_the_categories_of_listings_with_such_titles(browser, offer, drills, plants):
    offer(drills, "Cordless drill", 40, 50)
    offer(plants, "Fern", 3, 4)
    page = press(browser, new_draft_address(), {"title": "Old drills"}, "go", "save")
    assert suggested(page) == [(str(drills.id), "Tools / Drills")]


def test_a_button_chooses_the_category_and_then_nothing_is_suggested(browser, offer, drills):
    offer(drills, "Cordless drill", 40)
    address = new_draft_address()
    page = press(browser, address, {"title": "Drill"}, "category", str(drills.id))
    chosen = page.find(".//select[@name='category_id']//option[@selected]")
    assert chosen.get("value") == str(drills.id)
    assert suggested(page) == []
    assert page.find(".//*[@id='suggestions']").get("hidden") is not None


def test_another_category_than_the_chosen_one_is_suggested(browser, offer, drills, plants):
    offer(drills, "Cordless drill", 40)
    page = press(browser, new_draft_address(), {"title": "Drill", "category_id": plants.id}, "go", "save")
    assert suggested(page) == [(str(drills.id), "Tools / Drills")]


def test_a_word_of_one_category_counts_for_more_than_one_that_is_everywhere(context, offer, drills, plants):
    for category in (drills, plants):
        offer(category, "Old thing", *range(6))
    offer(plants, "Old fern", *range(30))
    offer(drills, "Cordless drill", 1, 2)
    assert guidance.find_likely_categories("Old cordless drill")[0] == drills.id


def test_only_titles_count_and_only_what_can_be_seen(context, make, offer, drills, plants, rows):
    make.listing(category_id=plants.id, title="Shed", description="with a drill", items=[{"name": "drill"}])
    offer(plants, "Drill", 1, status="archived")
    (ended,) = offer(plants, "Drill", 1)
    over = "UPDATE listings SET lifetime_days = 30, expires_at = now() - interval '1 s' WHERE id = :id"
    rows(f"{over} RETURNING id", id=ended.id)
    assert guidance.find_likely_categories("drill") == []
    offer(drills, "Drill", 1)
    assert guidance.find_likely_categories("drill") == [drills.id]


@pytest.mark.parametrize(
    "title",
    ["", "  ", "the of and", "'", "''", "\\", ":A", "a:*b", "!&|()<->", "'; DROP TABLE listings; --",
     "%s %(x)s", ":title", "東京", "дрель", "é" * 5000, "word " * 3000, "\u200b"],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_any_title_can_be_asked_about(title, context, offer, drills):
    offer(drills, "Drill", 1)
    assert guidance.find_likely_categories(title) == []
    assert guidance.find_value_ranges([title, "Drill"], drills.id, None) == [None, None]


@pytest.mark.parametrize("script", ["東京の自転車", "старая дрель", "Bücherregal"])
def test_titles_of_all_scripts_are_known(script, context, swapped, drills):
    swapped(drills, script, 10, 20, 30)
    assert guidance.find_likely_categories(script) == [drills.id]
    (found,) = guidance.find_value_ranges([script], drills.id, None)
    assert (found.median, found.swaps) == (20, 3)


def test_rare_words_are_found_beyond_the_newest_listings(context, make, offer, drills, plants, rows):
    offer(drills, "Spokeshave", 1)
    rows(
        "INSERT INTO listings (owner_id, category_id, title, created_at)"
        " SELECT min(u.id), :id, 'Fern', now() + interval '1 s' FROM users u, generate_series(1, 2000)"
        " GROUP BY generate_series RETURNING id",
        id=plants.id,
    )
    assert guidance.find_likely_categories("spokeshave") == [drills.id]
    assert guidance.find_likely_categories("fern") == [plants.id]


def test_the_guide_says_what_similar_things_went_for(browser, offer, swapped, drills, plants):
    swapped(drills, "Cordless drill", 40, 50, 60, 70, 1000)
    swapped(plants, "Drill", 1, 1, 1)
    swapped(drills, "Hammer", 2, 2, 2)
    # What is only on offer is worth what its owner hopes for.
    offer(drills, "Cordless drill", *[5000] * 9)
    values = {"title": "My drill", "category_id": drills.id, "offers-0-name": "Drill"}
    page = press(browser, new_draft_address(), values, "go", "save")
    said = guide(page)
    assert "Similar things went for 50 to 70" in said
    assert "5 swaps in Drills, around 60" in said
    assert "what their owners said they were worth" in said


@pytest.mark.parametrize("state", ["proposed", "accepted", "declined", "cancelled", "disputed", "closed"])
def test_only_completed_swaps_count(state, context, swapped, drills):
    swapped(drills, "Drill", 10, 20, 30, state=state)
    assert guidance.find_value_ranges(["Drill"], drills.id, None) == [None]


def test_a_category_has_what_lies_in_those_below_it(context, make, swapped, drills):
    swapped(drills, "Drill", 10, 20, 30)
    (found,) = guidance.find_value_ranges(["Drill"], drills.parent_id, None)
    assert found.swaps == 3


def test_things_that_were_lent_or_are_in_an_earlier_proposal_do_not_count(context, make, swapped, drills):
    swapped(drills, "Drill", 10, 20)
    lent = {"name": "Drill", "value": 5, "exchange_type": "temporary", "duration_days": 7}
    giver, getter = make.member(), make.member()
    listing = make.listing(owner_id=giver.id, category_id=drills.id, items=[lent])
    make.exchange(getter, giver, [], [make.thing_of(listing)], state="completed")
    dropped = make.listing(owner_id=giver.id, category_id=drills.id, items=[{"name": "Drill", "value": 6}])
    exchange = make.exchange(getter, giver, [], [make.thing_of(dropped)], state="completed", version=2)
    make.version(exchange, [], [], number=2)
    assert guidance.find_value_ranges(["Drill"], drills.id, None) == [None]


def test_where_nothing_like_it_was_swapped_the_guide_says_so(browser, offer, drills):
    offer(drills, "Drill", 10, 20, 30)
    values = {"title": "Drill", "category_id": drills.id}
    page = press(browser, new_draft_address(), values, "go", "save")
    said = guide(page)
    assert "Too few things like this were swapped in Drills yet" in said
    assert "went for" not in said


def test_the_guide_goes_by_the_title_when_that_names_the_thing(browser, swapped, drills):
    swapped(drills, "Drill", 5, 5, 5)
    values = {"title": "Drill", "category_id": drills.id}
    page = press(browser, new_draft_address(), values, "go", "save")
    assert "Similar things went for 5" in guide(page)


def test_each_row_has_a_guide_of_its_own_in_one_statement(browser, swapped, drills):
    swapped(drills, "Drill", 10, 20, 30)
    swapped(drills, "Ladder", 100, 200, 300)
    values = {"title": "Tools", "category_id": drills.id, "offers-0-name": "Ladder", "offers-1-name": "Drill"}
    page = press(browser, new_draft_address(), values | {"offers-2-name": "Tent"}, "go", "save")
    assert "100 to 200" in guide(page)
    assert "10 to 20" in guide(page, "offers-1")
    assert "Too few" in guide(page, "offers-2")
    asked = [each for each in browser.statements if "tsvector_to_array" in each and "thing.value" in each]
    assert len(asked) == 1


def test_things_without_a_value_do_not_count(context, swapped, drills):
    swapped(drills, "Drill", 10, 20, None)
    assert guidance.find_value_ranges(["Drill"], drills.id, None) == [None]


def test_only_the_thing_itself_counts_in_a_swap_of_many(context, make, drills):
    giver, getter = make.member(), make.member()
    for _ in range(3):
        listing = make.listing(owner_id=giver.id, category_id=drills.id, title="A drill", items=[])
        things = [
            make.item(listing, name=name, value=value) for name, value in (("Drill", 10), ("Crane", 90))
        ]
        make.exchange(getter, giver, [], things, state="completed")
    (found,) = guidance.find_value_ranges(["Drill"], drills.id, None)
    assert (found.low, found.high, found.swaps) == (10, 10, 3)


def test_the_listing_that_is_described_does_not_count(browser, swapped, drills, member, make):
    swapped(drills, "Drill", 10, 20)
    mine = make.listing(
        owner_id=member.id, category_id=drills.id, title="Drill", items=[{"name": "Drill", "value": 30}]
    )
    make.exchange(make.member(), member, [], [make.thing_of(mine)], state="completed")
    assert "Too few" in guide(browser.page(f"/listings/{mine.id}/edit"))
    swapped(drills, "Drill", 40)
    assert "3 swaps" in guide(browser.page(f"/listings/{mine.id}/edit"))


def test_scripts_can_ask_for_both(browser, client, offer, swapped, drills):
    offer(drills, "Drill", 1)
    swapped(drills, "Drill", 10, 20, 30)
    path = f"/listings/new/suggestions?title=drill&category_id={drills.id}&name=drill&name=tent"
    answer = browser.get(path).get_json()
    assert answer["categories"] == []
    assert answer["values"][0][0] == "10 to 20"
    assert answer["values"][1][0] is None
    assert "Too few things like this were swapped in Drills yet" in answer["values"][1][1]
    answer = browser.get("/listings/new/suggestions?title=drill").get_json()
    assert answer == {"categories": [[drills.id, "Tools / Drills"]], "values": []}
    assert client.get(path).status_code == 303


@pytest.mark.parametrize("query", ["", "title=&name=", "title=x&category_id=x", "category_id=99&name=drill",
                                   "name=drill&without=x", "&".join(["name=a"] * 500)])  # fmt: skip
def test_a_question_without_sense_has_an_empty_answer(query, browser, drills):
    answer = browser.get(f"/listings/new/suggestions?{query}").get_json()
    assert answer["categories"] == []
    assert not any(known and known[0] for known in answer["values"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([5, 5], None),
        ([1, 2, 3], (1, 2, 2)),
        ([10, 20, 30, 40, 50], (20, 30, 40)),
        ([0, 0, 0], (0, 0, 0)),
    ],
)
def test_the_middle_half_lies_between_the_quartiles(values, expected):
    found = range_of_values([Alike(number, value, 1) for number, value in enumerate(values)], 1)
    assert (found and (found.low, found.median, found.high)) == expected


def test_several_things_of_one_swap_are_one_swap():
    assert range_of_values([Alike(1, value, 1) for value in (1, 2, 3)], 1) is None
    things = [Alike(1, 5, 1), Alike(1, 6, 1), Alike(2, 7, 1), Alike(3, 8, 1)]
    assert range_of_values(things, 1).swaps == 3


def test_things_that_share_more_words_come_first():
    close = [Alike(number, 100, 3) for number in range(3)]
    far = [Alike(number, 1, 2) for number in range(3, 9)]
    assert range_of_values(close + far, 3).median == 100
    assert range_of_values(far, 3).median == 1
    # Sharing half of the words is no likeness.
    assert range_of_values(far, 4) is None


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=60))
def test_a_range_is_made_of_values_that_are_there_and_in_order(values):
    found = range_of_values([Alike(number, value, 1) for number, value in enumerate(values)], 1)
    assert {found.low, found.median, found.high} <= set(values)
    assert found.low <= found.median <= found.high
    # No more than a quarter lies outside on either side.
    assert 4 * sum(value < found.low for value in values) <= len(values)
    assert 4 * sum(value > found.high for value in values) <= len(values) + 3
