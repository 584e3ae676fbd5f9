"""Posting with three pictures, and changing it again, with scripts and without; and what scripts add."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import log_in
from tests.support.pictures import encoded, still_life

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
SAVED = re.compile(r"^Draft saved at \d\d:\d\d$")


@pytest.fixture
def member(make_live):
    return make_live.member()


@pytest.fixture
def form(open_page, member):
    """Opens an empty posting form for the member."""

    def open_form(**options) -> Page:
        page = open_page("/", **options)
        log_in(page, member.username)
        page.goto("/listings/new")
        return page

    return open_form


def pictures(*names: str) -> list[dict[str, object]]:
    content = encoded(still_life(640, 480), "JPEG")
    return [{"name": name, "mimeType": "image/jpeg", "buffer": content} for name in names]


def choose(page: Page, scripts: bool, *names: str) -> None:
    """Choose pictures for the first offer: a script sends them at once, without one there is a button."""
    page.get_by_label(re.compile("Choose pictures|Add more pictures")).set_input_files(pictures(*names))
    if not scripts:
        page.get_by_role("button", name="Add these pictures to Offer 1").click()


def words_of_pictures(page: Page) -> list[str]:
    fields = page.get_by_label(re.compile(r"What picture \d shows"))
    return [fields.nth(number).input_value() for number in range(fields.count())]


@SCRIPTS
@pytest.mark.parametrize("width", [320, 1280])
def test_a_thing_is_posted_with_three_pictures_and_changed(form, scripts, width):
    page = form(java_script_enabled=scripts, viewport={"width": width, "height": 900})
    page.get_by_label("Title").fill("Cordless drill")
    page.get_by_label("Category").select_option(label="Power tools / Drills")
    choose(page, scripts, "front.jpg", "back.jpg", "box.jpg")
    expect(page.get_by_label("What picture 3 shows")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Cordless drill")
    for number, words in enumerate(("front", "back", "box"), start=1):
        page.get_by_label(f"What picture {number} shows").fill(words)
    page.get_by_role("button", name="Move up picture 3").click()
    expect(page.get_by_label("What picture 2 shows")).to_have_value("box")
    assert words_of_pictures(page) == ["front", "box", "back"]
    page.get_by_role("button", name="Check your listing").last.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Check your listing")
    expect(page.locator(".thumbnails img")).to_have_count(3)
    page.get_by_role("button", name="Publish listing").click()
    expect(page.get_by_text("Your listing is published.")).to_be_visible()

    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit your listing")
    assert words_of_pictures(page) == ["front", "box", "back"]
    page.get_by_role("button", name="Remove picture 1").click()
    expect(page.get_by_label("What picture 3 shows")).to_have_count(0)
    assert words_of_pictures(page) == ["box", "back"]
    page.get_by_label("Title").fill("Cordless drill with a box")
    page.get_by_label("Condition").first.select_option(label="Good")
    page.get_by_role("button", name="Check your listing").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your changes")
    page.get_by_role("button", name="Publish changes").click()
    expect(page.get_by_text("Your changes are published.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cordless drill with a box")
    page.goto("/my/listings")
    expect(page.get_by_role("link", name="Cordless drill with a box").first).to_be_visible()
    expect(page.get_by_role("link", name="Drafts 0")).to_be_visible()


@SCRIPTS
def test_a_mistake_leads_back_to_its_field_with_everything_typed(form, scripts):
    page = form(java_script_enabled=scripts)
    page.get_by_label("Category").select_option(label="Power tools / Drills")
    page.get_by_label("About what it is worth").first.fill("about 5")
    page.get_by_role("button", name="Check your listing").last.click()
    expect(page).to_have_title(re.compile("^Error: Post a listing"))
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Give your listing a title").click()
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.get_by_label("About what it is worth").first).to_have_value("about 5")


@SCRIPTS
def test_days_are_asked_for_when_a_thing_is_lent(form, scripts):
    page = form(java_script_enabled=scripts)
    days = page.get_by_label("Longest loan in days")
    expect(days).to_be_hidden()
    page.get_by_label("Lend for some days").check()
    expect(days).to_be_visible()
    page.get_by_label("Swap for good").check()
    expect(days).to_be_hidden()


@SCRIPTS
def test_a_session_that_ends_loses_nothing(form, member, scripts):
    page = form(java_script_enabled=scripts)
    page.get_by_label("Title").fill("Typed before the session ended")
    page.context.clear_cookies()
    page.get_by_label("Description").first.fill("And after.")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("What you typed is kept: log in to go on.")).to_be_visible()
    page.get_by_label("Username or e-mail address").fill(member.username)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("You typed this before you had logged in.")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Typed before the session ended")
    expect(page.get_by_label("Description").first).to_have_value("And after.")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("Your draft is saved.")).to_be_visible()
    page.goto("/my/listings?tab=drafts")
    expect(page.get_by_role("link", name="Typed before the session ended").first).to_be_visible()


def test_a_draft_saves_itself_and_is_there_after_a_reload(form):
    page = form()
    page.get_by_label("Title").fill("Saved by itself")
    expect(page.get_by_role("status").filter(has_text=SAVED)).to_be_visible()
    assert urlsplit(page.url).path.startswith("/drafts/")
    page.get_by_label("Description").first.fill("Twice.")
    with page.expect_response(lambda response: response.request.method == "POST") as saved:
        pass
    assert saved.value.ok
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Saved by itself")
    expect(page.get_by_label("Description").first).to_have_value("Twice.")


def test_what_was_typed_last_is_saved_on_the_way_out(form):
    page = form()
    page.get_by_label("Title").fill("Left in a hurry")
    page.get_by_role("link", name="Browse", exact=True).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Post a listing")
    page.goto("/my/listings?tab=drafts")
    expect(page.get_by_role("link", name="Left in a hurry").first).to_be_visible()


def test_the_way_back_from_the_check_leads_to_what_was_typed(form):
    page = form()
    page.get_by_label("Title").fill("There and back")
    page.get_by_label("Category").select_option(label="Power tools / Drills")
    page.get_by_role("button", name="Check your listing").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your listing")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Post a listing")
    expect(page.get_by_label("Title")).to_have_value("There and back")
    page.get_by_role("button", name="Check your listing").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your listing")
    page.goto("/my/listings")
    expect(page.get_by_role("link", name="Drafts 1")).to_be_visible()


def test_categories_and_values_are_told_as_one_types(form, make_live):
    root = make_live.category(name="Seaside")
    sails = make_live.category(root, name="Sails")
    giver, getter = make_live.member(), make_live.member()
    for value in (100, 200, 300):
        listing = make_live.listing(
            owner_id=giver.id,
            category_id=sails.id,
            title="Spinnaker",
            items=[{"name": "Spinnaker", "value": value}],
        )
        make_live.exchange(getter, giver, [], [make_live.thing_of(listing)], state="completed")
    page = form()
    page.get_by_label("Title").fill("A spinnaker")
    page.get_by_role("button", name="Seaside / Sails").click()
    expect(page.get_by_label("Category")).to_be_focused()
    expect(page.get_by_label("Category")).to_have_value(str(sails.id))
    expect(page.get_by_text("Similar things went for")).to_be_visible()
    expect(page.get_by_text("100 to 200")).to_be_visible()
    expect(page.get_by_role("button", name="Seaside / Sails")).to_have_count(0)
    page.get_by_label("Title").fill("Something else")
    expect(page.get_by_text("Similar things went for")).to_have_count(0)


@pytest.fixture
def bare_form(browser, site, member) -> Iterator[Page]:
    """The posting form in a browser whose console may complain of answers with an error's status."""
    context = browser.new_context(base_url=site)
    page = context.new_page()
    log_in(page, member.username)
    page.goto("/listings/new")
    yield page
    context.close()


def test_a_script_says_when_the_session_has_ended_and_keeps_still(bare_form):
    bare_form.context.clear_cookies()
    bare_form.get_by_label("Title").fill("Who am I?")
    expect(bare_form.get_by_text("You have been logged out.")).to_be_visible()
    bare_form.get_by_role("button", name="Save as a draft").click()
    expect(bare_form.get_by_text("What you typed is kept: log in to go on.")).to_be_visible()


def test_a_script_says_when_another_window_has_the_draft(bare_form):
    bare_form.get_by_label("Title").fill("One")
    expect(bare_form.get_by_text(SAVED)).to_be_visible()
    other = bare_form.context.new_page()
    other.goto(bare_form.url)
    other.get_by_label("Title").fill("Two")
    expect(other.get_by_text(SAVED)).to_be_visible()
    bare_form.get_by_label("Title").fill("One again")
    expect(bare_form.get_by_text("This is open in another window too.")).to_be_visible()
    bare_form.reload()
    expect(bare_form.get_by_label("Title")).to_have_value("Two")


def test_a_script_says_when_there_is_no_connection_and_goes_on_afterwards(bare_form):
    bare_form.context.set_offline(True)
    bare_form.get_by_label("Title").fill("In a tunnel")
    expect(bare_form.get_by_text("there is no connection")).to_be_visible()
    bare_form.context.set_offline(False)
    bare_form.get_by_label("Title").fill("Out of the tunnel")
    expect(bare_form.get_by_text(SAVED)).to_be_visible()
