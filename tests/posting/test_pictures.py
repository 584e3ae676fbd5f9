"""Pictures in the posting form: taken in with any button, arranged by buttons, published with their items."""

import io

import pytest

from marketplace.pictures.rules import PICTURES_MAXIMUM
from tests.support.html import check_page, text_of
from tests.support.pictures import encoded, still_life
from tests.support.posting import (
    controls,
    errors,
    form_of,
    is_refused,
    new_draft_address,
    press,
    publish_checked,
    send_to_check,
    typed,
)

SHOWN = "SELECT item.name, picture.position, picture.alt FROM pictures AS picture"
SHOWN += " JOIN listing_items AS item ON item.id = picture.item_id ORDER BY item.id, picture.position"


@pytest.fixture
def form(make):
    """A form that is accepted."""
    return {"title": "My tools", "category_id": make.category().id, "offers-0-name": "Drill"}


def files(*names, data=None):
    """Return what a browser sends of a field in which these files were chosen."""
    return [(io.BytesIO(encoded(still_life(), "PNG") if data is None else data), name) for name in names]


def send(browser, address, values):
    return browser.submit(address, values, content_type="multipart/form-data")


def pictures_of(values, row="offers-0"):
    return values.get(f"{row}-picture", [])


def alts(values, row="offers-0"):
    return [values[f"alt-{number}"] for number in pictures_of(values, row)]


def buttons(page, name):
    return [button.get("value") for button in page.iter("button") if button.get("name") == name]


@pytest.fixture
def with_three(browser, form):
    """The address of a draft with three pictures, and what its page would send."""
    address = new_draft_address()
    send(browser, address, form | {"offers-0-files": files("a.png", "b.png", "c.png"), "go": "save"})
    values = controls(browser.page(address))
    named = {f"alt-{number}": name for number, name in zip(pictures_of(values), "abc", strict=True)}
    return address, values | named


@pytest.mark.parametrize(
    ("button", "value"), [("go", "check"), ("go", "save"), ("upload", "offers-0"), ("add", "want")]
)
def test_pictures_are_taken_in_with_whichever_button(button, value, browser, form, rows, member):
    address = new_draft_address()
    chosen = {"offers-0-files": files("front.png", "back.png")}
    assert send(browser, address, form | chosen | {button: value}).status_code == 303
    values = controls(browser.page(address))
    assert len(pictures_of(values)) == 2
    assert values["title"] == "My tools"
    ((draft_id,),) = rows("SELECT id FROM listing_drafts")
    stored = rows("SELECT CAST(id AS text), owner_id, draft_id, item_id FROM pictures ORDER BY id")
    assert stored == [(number, member.id, draft_id, None) for number in pictures_of(values)]


def test_an_upload_leads_back_to_the_pictures(browser, form):
    address = new_draft_address()
    response = send(browser, address, form | {"offers-0-files": files("a.png"), "upload": "offers-0"})
    assert response.location == f"{address}#offers-0-files-upload"
    page = browser.page(address)
    assert page.find(".//fieldset[@id='offers-0-files-upload']//img") is not None


def test_a_file_that_is_refused_keeps_the_others_and_the_text(browser, form, rows):
    address = new_draft_address()
    chosen = files("good.png") + files("bad.txt", data=b"no picture") + files("also good.png")
    response = send(browser, address, form | {"offers-0-files": chosen, "go": "check"})
    # To the form, not to the check: there is something to be said first.
    assert response.location == address
    page = browser.page(address)
    assert is_refused(page)
    ((place, sentence),) = errors(page)
    assert place == "#offers-0-files"
    assert sentence.startswith("Offer 1: “bad.txt” is not a JPEG, PNG, WebP or HEIC picture")
    values = controls(page)
    assert len(pictures_of(values)) == 2
    assert values["title"] == "My tools"
    # It is said once: with the next press the form is as good as any.
    _, check = send_to_check(browser, values, address)
    assert not is_refused(check)
    assert len(check.findall(".//*[@class='thumbnails']//img")) == 2


def test_an_item_has_eight_pictures_and_no_more(browser, form, with_three):
    address, values = with_three
    more = files(*(f"{number}.png" for number in range(6)))
    send(browser, address, values | {"offers-0-files": more, "upload": "offers-0"})
    page = browser.page(address)
    assert [sentence for _, sentence in errors(page)] == [
        "Offer 1: “5.png” is one too many: an item has up to 8 pictures."
    ]
    assert len(pictures_of(controls(page))) == PICTURES_MAXIMUM


@pytest.mark.parametrize(
    ("button", "which", "order"),
    [
        ("later", 0, "bac"),
        ("later", 1, "acb"),
        ("later", 2, "abc"),
        ("earlier", 2, "acb"),
        ("earlier", 0, "abc"),
        ("remove_picture", 1, "ac"),
    ],
)
def test_buttons_put_pictures_in_order(button, which, order, browser, with_three):
    address, values = with_three
    response = browser.submit(address, values | {button: pictures_of(values)[which]})
    page = browser.page(address)
    assert "".join(alts(controls(page))) == order
    place = response.location.partition("#")[2]
    assert page.find(f".//*[@id='{place}']") is not None


def test_the_first_picture_cannot_move_up_nor_the_last_one_down(browser, with_three):
    address, values = with_three
    page = browser.page(address)
    first, second, third = pictures_of(values)
    assert buttons(page, "earlier") == [second, third]
    assert buttons(page, "later") == [first, second]


def test_pictures_are_published_in_their_order_with_their_words(browser, with_three, rows, client):
    address, values = with_three
    press(browser, address, values, "earlier", pictures_of(values)[2])
    values = controls(browser.page(address))
    _, check = send_to_check(browser, values, address)
    assert len(check.findall(".//*[@class='thumbnails']//img")) == 3
    listing = publish_checked(browser, check).location
    assert rows(SHOWN) == [("Drill", 1, "a"), ("Drill", 2, "c"), ("Drill", 3, "b")]
    assert rows("SELECT count(*) FROM pictures WHERE draft_id IS NOT NULL") == [(0,)]
    found = rows("SELECT listing_id FROM search_entries WHERE document @@ '''picture:yes'''::tsquery")
    assert [f"/listings/{listing_id}" for (listing_id,) in found] == [listing]


def test_each_item_keeps_its_own_pictures_when_rows_come_and_go(browser, form, rows):
    address = new_draft_address()
    names = {f"offers-{number}-name": name for number, name in enumerate("xyz")}
    chosen = {"offers-0-files": files("x.png"), "offers-2-files": files("z.png", "zz.png")}
    send(browser, address, form | names | chosen | {"go": "save"})
    page = press(browser, address, controls(browser.page(address)), "remove", "offers-1")
    _, check = send_to_check(browser, controls(page), address)
    publish_checked(browser, check)
    assert rows(SHOWN) == [("x", 1, ""), ("z", 1, ""), ("z", 2, "")]


def test_a_row_with_nothing_but_a_picture_is_not_blank(browser, form):
    address = new_draft_address()
    values = form | {"offers-1-name": "", "offers-1-files": files("a.png")}
    send(browser, address, values | {"go": "check"})
    page = browser.page(f"{address}/check")
    assert errors(page) == [("#offers-1-name", "Offer 2: Name this item, or remove it")]
    assert len(pictures_of(controls(page), "offers-1")) == 1


def test_changes_to_pictures_are_seen_when_they_are_published(browser, with_three, rows, client):
    address, values = with_three
    _, check = send_to_check(browser, values, address)
    listing = publish_checked(browser, check).location
    page = browser.page(f"{listing}/edit")
    edit = form_of(page).get("action")
    values = controls(page)
    assert "".join(alts(values)) == "abc"
    gone = pictures_of(values)[0]
    page = press(browser, edit, values, "remove_picture", gone)
    send(browser, edit, controls(page) | {"offers-0-files": files("d.png"), "upload": "offers-0"})
    before = rows(SHOWN)
    assert [alt for _, _, alt in before] == ["a", "b", "c"]
    values = controls(browser.page(edit))
    _, check = send_to_check(browser, values | {f"alt-{pictures_of(values)[2]}": "d"}, edit)
    publish_checked(browser, check)
    assert [alt for _, _, alt in rows(SHOWN)] == ["b", "c", "d"]
    # What is no longer shown is left to the sweep.
    assert rows("SELECT item_id, draft_id FROM pictures WHERE id = :id", id=int(gone)) == [(None, None)]


def test_discarding_changes_leaves_the_listings_pictures(browser, with_three, rows):
    address, values = with_three
    _, check = send_to_check(browser, values, address)
    listing = publish_checked(browser, check).location
    page = browser.page(f"{listing}/edit")
    edit = form_of(page).get("action")
    press(browser, edit, controls(page), "remove_picture", pictures_of(controls(page))[0])
    browser.submit(f"{edit}/discard")
    assert [alt for _, _, alt in rows(SHOWN)] == ["a", "b", "c"]


@pytest.mark.parametrize("number", ["1", "x", "-1", "9" * 18, "9" * 40, "٣", "1; DROP TABLE pictures"])
def test_a_picture_that_is_none_is_left_out(number, browser, form, rows):
    address = new_draft_address()
    _, check = send_to_check(browser, form | {"offers-0-picture": number, f"alt-{number}": "x"}, address)
    assert publish_checked(browser, check).status_code == 303
    assert rows("SELECT id FROM pictures WHERE item_id IS NOT NULL") == []


def test_a_picture_of_another_member_is_neither_shown_nor_taken(browser, form, make, rows):
    theirs = make.picture(owner_id=make.member().id)
    address = new_draft_address()
    _, check = send_to_check(browser, form | {"offers-0-picture": str(theirs.id)}, address)
    assert theirs.key not in browser.get(address).text
    publish_checked(browser, check)
    assert rows("SELECT owner_id, item_id FROM pictures") == [(theirs.owner_id, None)]


def test_a_picture_named_in_two_rows_is_the_first_ones(browser, with_three, rows):
    address, values = with_three
    number = pictures_of(values)[0]
    twice = values | {
        "offers-0-picture": [number, number],
        "offers-1-name": "Saw",
        "offers-1-picture": [number],
    }
    _, check = send_to_check(browser, twice, address)
    publish_checked(browser, check)
    assert rows(SHOWN) == [("Drill", 1, "a")]


def test_wishes_take_no_pictures(browser):
    page = browser.page("/listings/new")
    assert [each.get("name") for each in page.iter("input") if each.get("type") == "file"] == [
        "offers-0-files"
    ]


def test_a_script_sends_no_pictures_and_leaves_those_that_are_there(browser, with_three):
    address, values = with_three
    response = browser.submit(address, values | {"title": "By itself", "by_itself": "yes"})
    assert response.status_code == 200
    again = controls(browser.page(address))
    assert (again["title"], "".join(alts(again))) == ("By itself", "abc")


def test_pictures_of_a_form_that_is_too_long_leave_no_rows(browser, form, rows):
    long = form | {"description": "x" * 210_000, "offers-0-files": files("a.png")}
    response = send(browser, new_draft_address(), long | {"go": "save"})
    assert response.status_code == 422
    page = check_page(response.text)
    assert "too long to keep" in text_of(page)
    assert typed(page)["description"] == "x" * 210_000
    assert rows("SELECT id FROM pictures") == []
