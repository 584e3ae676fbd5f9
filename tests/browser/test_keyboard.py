"""What the keyboard alone can do."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import as_if_accepted, log_in


@pytest.mark.parametrize("path", ["/", "/login", "/register"])
def test_the_first_tab_stop_skips_to_the_content(open_page, path):
    page = open_page(path)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the main content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("field", ["Title", "Name", "Longest loan in days"])
def test_enter_in_a_text_field_leads_on(open_page, make_live, scripts, field):
    member = make_live.member()
    page = open_page("/", java_script_enabled=scripts)
    log_in(page, member.username)
    page.goto("/listings/new")
    page.get_by_role("button", name="Add another item you offer").click()
    page.get_by_role("group", name="Offer 2").wait_for()
    title = f"Two things of {member.username}"
    page.get_by_label("Title").fill(title)
    page.get_by_label("Category").select_option(label="Garden tools")
    for number in (1, 2):
        row = page.get_by_role("group", name=f"Offer {number}")
        row.get_by_label("Name").fill(f"Thing {number}")
        row.get_by_label("Lend for some days").check()
        row.get_by_label("Longest loan in days").fill("7")
    page.get_by_label(field).first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your listing")
    page.get_by_role("button", name="Publish listing").click()
    expect(page.get_by_text("Your listing is published.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    # No row was removed on the way.
    for number in (1, 2):
        expect(page.get_by_role("link", name=f"Thing {number}")).to_be_visible()


def test_a_member_can_log_in_and_out_by_keyboard_alone(open_page, make_live):
    member = make_live.member()
    page = open_page("/login")
    press_until_focused(page, "Username or e-mail address")
    page.keyboard.type(member.username)
    press_until_focused(page, "Password")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    press_until_focused(page, "Log out")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def test_every_stop_of_the_posting_form_is_seen_and_shows_its_focus(open_page, make_live):
    page = open_page("/")
    log_in(page, make_live.member().username)
    page.goto("/listings/new")
    stops = []
    # The way round ends when the focus has left the page's last stop for its body.
    while len(stops) < 100:
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const element = document.activeElement, box = element.getBoundingClientRect();
                const outlined = each => {
                    const style = getComputedStyle(each);
                    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                };
                if (element === document.body) return null;
                return {
                    what: element.outerHTML.slice(0, 90),
                    seen: box.width > 1 && box.height > 1,
                    // The search has its ring around the whole box.
                    outlined: outlined(element) || outlined(element.parentElement),
                };
            }"""
        )
        if stop is None:
            break
        stops.append(stop)
    assert 12 < len(stops) < 100
    assert [stop["what"] for stop in stops if not (stop["seen"] and stop["outlined"])] == []


def test_the_summary_of_errors_leads_to_its_fields(open_page):
    page = open_page("/login")
    page.route("**/login", as_if_accepted)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Username or e-mail address")).to_be_focused()
    expect(page).to_have_url(re.compile(r"#username$"))


def press_until_focused(page: Page, name: str) -> None:
    """Press Tab until the element of this label or text has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(
            """name => {
                const element = document.activeElement;
                return [...(element.labels || []), element].some(each => each.textContent.trim() === name);
            }""",
            name,
        ):
            return
    raise AssertionError(f"Tab never reaches {name!r}.")
