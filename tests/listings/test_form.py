"""The form to post and edit, as it works without scripts."""

import pytest

from tests.support.html import check_page, text_of


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


@pytest.fixture
def tools(make):
    return make.category(name="Tools")


def controls(page):
    """Return what a browser would send of the posting form, without the token and the buttons."""
    form = next(form for form in page.iter("form") if form.find(".//*[@name='title']") is not None)
    values = {}
    for control in form.iter():
        name, kind = control.get("name"), control.get("type")
        if control.tag == "textarea":
            # A browser drops one line break after the tag, as the parser does.
            values[name] = (control.text or "").removeprefix("\n")
        elif control.tag == "select":
            chosen = control.find(".//option[@selected]")
            values[name] = chosen.get("value") if chosen is not None else ""
        elif control.tag == "input" and (kind != "radio" or control.get("checked") is not None):
            values[name] = control.get("value", "")
    del values["csrf_token"]
    return values


def press(browser, address, values, button, value):
    response = browser.submit(address, values | {button: value})
    assert response.status_code == 200
    return check_page(response.text)


TYPED = {
    "title": "My tools",
    "description": "From the shed.\n\nGood as new.",
    "offers-0-id": "",
    "offers-0-name": "A <drill>",
    "offers-0-description": "Two\nlines",
    "offers-0-exchange_type": "temporary",
    "offers-0-duration_days": "seven",
    "offers-0-value": "12,5",
    "wants-0-id": "",
    "wants-0-name": "A saw",
    "wants-0-description": "",
    "wants-0-exchange_type": "permanent",
    "wants-0-duration_days": "",
    "wants-0-value": "",
}
ROW = ("id", "name", "description", "exchange_type", "duration_days", "value")


def test_a_new_form_has_one_row_of_each_kind(browser, tools):
    values = controls(browser.page("/listings/new"))
    rows = {f"{kind}-0-{name}" for kind in ("offers", "wants") for name in ROW}
    assert set(values) == {"title", "category_id", "description", *rows}
    assert values["offers-0-exchange_type"] == "permanent"


@pytest.mark.parametrize(("kind", "rows"), [("offer", "offers"), ("want", "wants")])
def test_adding_a_row_keeps_what_was_typed_and_saves_nothing(kind, rows, browser, tools):
    typed = TYPED | {"category_id": str(tools.id)}
    values = controls(press(browser, "/listings/new", typed, "add", kind))
    blank = dict.fromkeys((f"{rows}-1-{name}" for name in ROW), "") | {f"{rows}-1-exchange_type": "permanent"}
    assert values == typed | blank
    assert not [statement for statement in browser.statements if "INSERT" in statement]


def test_removing_rows_one_after_another_removes_those_whose_button_was_pressed(browser, tools):
    page = browser.page("/listings/new")
    for _ in range(3):
        page = press(browser, "/listings/new", controls(page), "add", "offer")
    values = controls(page) | {f"offers-{number}-name": name for number, name in enumerate("abcd")}
    for gone, left in [("b", "acd"), ("c", "ad"), ("a", "d")]:
        page = press(browser, "/listings/new", values, "remove", button_beside(page, values, gone))
        values = controls(page)
        assert [values[f"offers-{number}-name"] for number in range(len(left))] == list(left)
        assert f"offers-{len(left)}-name" not in values
    assert not [button for button in page.iter("button") if button.get("value") == "offers-0"]


def test_the_last_wish_can_be_removed_and_one_added_again(browser, tools):
    typed = TYPED | {"category_id": str(tools.id)}
    values = controls(press(browser, "/listings/new", typed, "remove", "wants-0"))
    assert values == {name: value for name, value in typed.items() if not name.startswith("wants")}
    values = controls(press(browser, "/listings/new", values, "add", "want"))
    assert values["wants-0-name"] == ""


def test_a_blank_row_that_is_dropped_leaves_no_gap(browser, tools):
    typed = {
        "title": "",
        "category_id": tools.id,
        "offers-0-name": "",
        "offers-1-name": "b",
        "offers-2-name": "c",
    }
    response = browser.submit("/listings/new", typed)
    assert response.status_code == 422
    values = controls(check_page(response.text))
    assert (values["offers-0-name"], values["offers-1-name"]) == ("b", "c")


def button_beside(page, values, name):
    """Return the value of the remove button of the row with this name."""
    row = next(key for key, value in values.items() if value == name).removesuffix("-name")
    assert row in [button.get("value") for button in page.iter("button") if button.get("name") == "remove"]
    return row


def test_rows_are_added_up_to_twenty_and_no_more(browser, tools):
    page = browser.page("/listings/new")
    for _ in range(21):
        page = press(browser, "/listings/new", controls(page), "add", "offer")
    assert len([name for name in controls(page) if name.startswith("offers") and name.endswith("name")]) == 20


@pytest.mark.parametrize(
    ("button", "value"),
    [
        ("add", "x"),
        ("add", ""),
        ("remove", "x"),
        ("remove", "offers"),
    ],
)
def test_a_button_that_is_none_changes_nothing(button, value, browser, tools):
    typed = TYPED | {"category_id": str(tools.id)}
    assert controls(press(browser, "/listings/new", typed, button, value)) == typed


def test_a_refused_form_keeps_every_row_and_says_which_one_is_meant(browser, tools):
    typed = TYPED | {"category_id": str(tools.id), "wants-0-name": ""} | {"wants-0-value": "4"}
    response = browser.submit("/listings/new", typed)
    assert response.status_code == 422
    page = check_page(response.text)
    assert controls(page) == typed
    summary = [(a.get("href"), text_of(a)) for a in page.findall(".//*[@class='error-summary']//a")]
    assert summary == [
        ("#offers-0-duration_days", "Offer 1: Enter a whole number, such as 40"),
        ("#wants-0-name", "Wish 1: Name this item, or remove it"),
    ]


def test_the_edit_form_shows_what_is_stored_and_saving_it_unchanged_changes_nothing(
    browser, make, member, tools, rows
):
    lend = {
        "name": "Saw",
        "exchange_type": "temporary",
        "duration_days": 7,
        "value": 1500,
        "description": "a\nb",
    }
    want = {"kind": "want", "name": "A bicycle"}
    stored = {"owner_id": member.id, "category_id": tools.id, "title": "My tools", "description": "c\n\nd"}
    listing = make.listing(**stored, items=[{"name": "Drill"}, lend, want])
    everything = (
        "SELECT l.title, l.description, l.category_id, l.status, l.created_at, i.id, i.kind, i.name, i.value,"
        " i.description, i.exchange_type, i.duration_days, i.created_at"
        " FROM listings l JOIN listing_items i ON i.listing_id = l.id ORDER BY i.id"
    )
    before = rows(everything)
    address = f"/listings/{listing.id}/edit"
    values = controls(browser.page(address))
    assert values["offers-1-duration_days"] == "7"
    assert browser.submit(address, values).status_code == 303
    assert rows(everything) == before
