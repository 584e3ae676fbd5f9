"""The form to post and edit, as it works without scripts."""

import pytest

from tests.support.html import text_of
from tests.support.posting import (
    controls,
    errors,
    form_of,
    is_refused,
    new_draft_address,
    press,
    publish_edit,
    send_to_check,
    typed,
)


@pytest.fixture
def tools(make):
    return make.category(name="Tools")


TYPED = {
    "title": "My tools",
    "description": "From the shed.\n\nGood as new.",
    "area": "Harbour  side",
    "lifetime_days": "90",
    "offers-0-id": "",
    "offers-0-name": "A <drill>",
    "offers-0-description": "Two\nlines",
    "offers-0-exchange_type": "temporary",
    "offers-0-duration_days": "seven",
    "offers-0-condition": "worn",
    "offers-0-value": "12,5",
    "wants-0-id": "",
    "wants-0-name": "A saw",
    "wants-0-description": "",
    "wants-0-exchange_type": "permanent",
    "wants-0-duration_days": "",
    "wants-0-condition": "",
    "wants-0-value": "",
}
ROW = ("id", "name", "description", "exchange_type", "duration_days", "condition", "value")
BLANK = dict.fromkeys(ROW, "") | {"exchange_type": "permanent"}


def blank_row(name):
    return {f"{name}-{field}": value for field, value in BLANK.items()}


def test_a_new_form_has_one_row_of_each_kind_and_is_shown_for_60_days(browser, tools):
    values = typed(browser.page("/listings/new"))
    texts = dict.fromkeys(("title", "category_id", "description", "area"), "")
    assert values == texts | {"lifetime_days": "60"} | blank_row("offers-0") | blank_row("wants-0")


def test_a_new_form_knows_the_area_that_was_named_last(browser, make, member):
    make.listing(owner_id=member.id, area="Old town")
    make.listing(owner_id=member.id, area="Harbour")
    make.listing(area="Elsewhere")
    page = browser.page("/listings/new")
    assert typed(page)["area"] == "Harbour"
    offered = [option.get("value") for option in page.find(".//datalist[@id='areas']")]
    assert offered == ["Elsewhere", "Harbour", "Old town"]


def test_areas_are_offered_by_how_many_of_the_newest_listings_name_them(browser, make):
    for area in ("Once", "Twice", "Twice", None, None, None):
        make.listing(area=area)
    page = browser.page("/listings/new")
    offered = [option.get("value") for option in page.find(".//datalist[@id='areas']")]
    assert offered == ["Twice", "Once"]


@pytest.mark.parametrize(("kind", "rows"), [("offer", "offers"), ("want", "wants")])
def test_adding_a_row_keeps_what_was_typed_as_it_was_typed(kind, rows, browser, tools):
    values = TYPED | {"category_id": str(tools.id)}
    page = press(browser, new_draft_address(), values, "add", kind)
    assert typed(page) == values | {"area": "Harbour  side"} | blank_row(f"{rows}-1")


@pytest.mark.parametrize(
    ("button", "value", "place"),
    [
        ("add", "offer", "#offers-1-name"),
        ("add", "want", "#wants-1-name"),
        ("remove", "wants-0", "#wants"),
        ("category", "7", "#category_id"),
        ("upload", "offers-0", "#offers-0-files-upload"),
        ("upload", "offers-9", ""),
        ("go", "save", ""),
        ("go", "check", "/check"),
    ],
)
def test_each_button_leads_back_to_its_place_on_the_page(button, value, place, browser, tools):
    address = new_draft_address()
    response = browser.submit(address, TYPED | {button: value})
    assert response.status_code == 303
    assert response.location == f"{address}{place}"
    # That place is there.
    page = browser.page(response.location.partition("#")[0])
    if place.startswith("#"):
        assert page.find(f".//*[@id='{place[1:]}']") is not None or button == "remove"


def test_removing_rows_one_after_another_removes_those_whose_button_was_pressed(browser, tools):
    address = new_draft_address()
    page = browser.page("/listings/new")
    for _ in range(3):
        page = press(browser, address, controls(page), "add", "offer")
    values = controls(page) | {f"offers-{number}-name": name for number, name in enumerate("abcd")}
    for gone, left in [("b", "acd"), ("c", "ad"), ("a", "d")]:
        page = press(browser, address, values, "remove", button_beside(page, values, gone))
        values = controls(page)
        assert [values[f"offers-{number}-name"] for number in range(len(left))] == list(left)
        assert f"offers-{len(left)}-name" not in values
    assert not [button for button in page.iter("button") if button.get("value") == "offers-0"
                and button.get("name") == "remove"]  # fmt: skip


def button_beside(page, values, name):
    """Return the value of the remove button of the row with this name."""
    row = next(key for key, value in values.items() if value == name).removesuffix("-name")
    assert row in [button.get("value") for button in page.iter("button") if button.get("name") == "remove"]
    return row


def test_the_last_wish_that_is_removed_leaves_an_empty_row(browser, tools):
    page = press(browser, new_draft_address(), TYPED, "remove", "wants-0")
    wishes = {name: value for name, value in typed(page).items() if name.startswith("wants")}
    assert wishes == blank_row("wants-0")


def test_blank_rows_are_dropped_before_the_check_and_leave_no_gap(browser, tools):
    values = {
        "title": "",
        "category_id": tools.id,
        "offers-0-name": " ",
        "offers-1-name": "b",
        "offers-2-name": "c",
        "wants-0-name": "",
        "wants-1-value": "7",
    }
    _, page = send_to_check(browser, values)
    left = typed(page)
    assert (left["offers-0-name"], left["offers-1-name"]) == ("b", "c")
    assert "offers-2-name" not in left
    assert left["wants-0-value"] == "7"
    assert ("#wants-0-name", "Wish 1: Name this item, or remove it") in errors(page)


def test_rows_are_added_up_to_twenty_and_no_more(browser, tools):
    address = new_draft_address()
    page = browser.page("/listings/new")
    for _ in range(21):
        page = press(browser, address, controls(page), "add", "offer")
    names = [name for name in controls(page) if name.startswith("offers") and name.endswith("name")]
    assert len(names) == 20
    assert not page.findall(".//button[@name='add'][@value='offer']")


@pytest.mark.parametrize(
    ("button", "value"), [("add", "x"), ("add", ""), ("remove", "x"), ("remove", "offers"), ("category", "x"),
                          ("earlier", "x"), ("later", "7"), ("remove_picture", "7"), ("upload", "\r\n#")]
)  # fmt: skip
def test_a_button_that_is_none_only_saves(button, value, browser, tools):
    values = TYPED | {"category_id": str(tools.id)}
    assert typed(press(browser, new_draft_address(), values, button, value)) == values


def test_a_refused_form_keeps_every_row_and_says_which_one_is_meant(browser, tools):
    values = TYPED | {"category_id": str(tools.id), "wants-0-name": ""} | {"wants-0-value": "4"}
    answer, page = send_to_check(browser, values)
    assert answer.status_code == 200
    assert is_refused(page)
    assert typed(page) == values
    assert errors(page) == [
        ("#offers-0-duration_days", "Offer 1: Enter a whole number, such as 40"),
        ("#wants-0-name", "Wish 1: Name this item, or remove it"),
    ]


def test_a_form_that_is_reloaded_after_a_refusal_shows_no_errors_until_it_is_checked_again(browser, tools):
    response = browser.submit(new_draft_address(), TYPED | {"go": "check"})
    form = browser.page(response.location.removesuffix("/check"))
    assert not is_refused(form)
    assert is_refused(browser.page(response.location))


def test_the_days_belong_to_the_radio_that_reveals_them(browser):
    page = browser.page("/listings/new")
    revealed = page.findall(".//div[@class='radios__revealed']")
    assert [each.find(".//input").get("name") for each in revealed] == [
        "offers-0-duration_days",
        "wants-0-duration_days",
    ]


def test_one_thing_may_go_by_the_title_and_several_need_names(browser, tools):
    address = new_draft_address()
    page = press(browser, address, {"title": "Drill", "offers-0-value": "4"}, "add", "offer")
    assert typed(page)["offers-0-name"] == "Drill"
    _, page = send_to_check(browser, controls(page) | {"offers-1-value": "7"}, address)
    assert ("#offers-1-name", "Offer 2: Name this item, or remove it") in errors(page)


def test_no_submit_button_is_disabled_and_enter_sends_to_the_check(browser):
    form = form_of(browser.page("/listings/new"))
    buttons = list(form.iter("button"))
    assert not [button for button in buttons if button.get("disabled") is not None]
    assert (buttons[0].get("name"), buttons[0].get("value")) == ("go", "check")


def test_the_edit_form_shows_what_is_stored_and_publishing_it_unchanged_changes_nothing(
    browser, make, member, tools, rows
):
    lend = {
        "name": "Saw",
        "exchange_type": "temporary",
        "duration_days": 7,
        "value": 1500,
        "description": "a\nb",
        "condition": "like_new",
    }
    want = {"kind": "want", "name": "A bicycle"}
    stored = {"owner_id": member.id, "category_id": tools.id, "title": "My tools", "description": "c\n\nd"}
    listing = make.listing(**stored, area="Harbour", items=[{"name": "Drill"}, lend, want])
    everything = (
        "SELECT l.title, l.description, l.category_id, l.status, l.area, l.lifetime_days, l.expires_at,"
        " l.created_at, i.id, i.kind, i.name, i.value, i.condition,"
        " i.description, i.exchange_type, i.duration_days, i.created_at, i.updated_at"
        " FROM listings l JOIN listing_items i ON i.listing_id = l.id ORDER BY i.id"
    )
    before = rows(everything)
    values = typed(browser.page(f"/listings/{listing.id}/edit"))
    assert values["offers-1-duration_days"] == "7"
    assert values["lifetime_days"] == "none"
    assert publish_edit(browser, listing.id, values).status_code == 303
    assert rows(everything) == before


def test_a_thing_that_goes_by_the_title_follows_it(browser, make, member, tools, rows):
    listing = make.listing(owner_id=member.id, category_id=tools.id, title="Dril", items=[{"name": "Dril"}])
    values = typed(browser.page(f"/listings/{listing.id}/edit"))
    assert values["offers-0-name"] == ""
    publish_edit(browser, listing.id, values | {"title": "Drill"})
    assert rows("SELECT name FROM listing_items") == [("Drill",)]


def test_the_answers_are_shown_with_the_way_back_to_each_field(browser, tools):
    values = TYPED | {"category_id": str(tools.id), "offers-0-duration_days": "7", "offers-0-value": "1,500"}
    _, page = send_to_check(browser, values)
    answers = {text_of(row.find("dt")): row for row in page.iter("div") if row.find("dt") is not None}
    assert text_of(answers["Category"].find("dd")) == "Tools"
    assert text_of(answers["Where it is"].find("dd")) == "Harbour side"
    assert text_of(answers["Shown for"].find("dd")) == "90 days"
    headings = [text_of(heading) for heading in page.iter("h2")]
    assert headings == [
        "Your listing",
        "You offer: A <drill>",
        "You would like: A saw",
        "Where and for how long",
    ]
    said = text_of(page.find(".//section[@aria-labelledby='part-2']"))
    assert "Lend, up to 7 days" in said
    assert "About 1,500" in said
    assert "Worn" in said
    form = form_of(browser.page(answers["Title"].find(".//a").get("href").partition("#")[0]))
    for link in page.iter("a"):
        if text_of(link).startswith("Change"):
            place = link.get("href").partition("#")[2]
            assert form.find(f".//*[@id='{place}']") is not None, place
    assert len({text_of(link) for link in page.iter("a") if text_of(link).startswith("Change")}) == 14
