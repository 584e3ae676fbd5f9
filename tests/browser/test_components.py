"""What components do by themselves, on the page that shows them all."""

import re

import pytest
from playwright.sync_api import expect

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 800}


def specimen(page, component, title):
    """The place in the style guide where a component is shown."""
    return page.locator(f"[data-component={component}]").filter(has=page.get_by_role("heading", name=title))


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_radio_reveals_its_own_fields(open_page, scripts):
    page = open_page("/style-guide", java_script_enabled=scripts)
    shown = specimen(page, "radios", "that reveal a field")
    days = shown.get_by_label("Longest loan in days")
    expect(days).to_be_visible()
    shown.get_by_label("Swap for good").check()
    expect(days).to_be_hidden()
    shown.get_by_label("Lend for some days").check()
    expect(days).to_be_visible()


def test_filters_are_folded_where_it_is_narrow_and_a_column_where_it_is_wide(open_page):
    page = open_page("/style-guide", viewport=NARROW)
    shown = specimen(page, "filters", "folded where it is narrow")
    link = shown.get_by_role("link", name="Swap for good")
    expect(link).to_be_hidden()
    shown.locator(".filters > summary").click()
    expect(link).to_be_visible()
    shown.locator(".filters > summary").click()
    expect(link).to_be_hidden()
    page.set_viewport_size(WIDE)
    expect(link).to_be_visible()
    expect(shown.locator(".filters > summary")).to_be_hidden()
    page.set_viewport_size(NARROW)
    expect(link).to_be_hidden()


def test_filters_are_a_column_where_it_is_wide_without_scripts_too(open_page):
    page = open_page("/style-guide", viewport=WIDE, java_script_enabled=False)
    shown = specimen(page, "filters", "folded where it is narrow")
    expect(shown.locator("a", has_text="Swap for good").first).to_be_visible()


def test_the_whole_card_is_its_titles_link(open_page):
    page = open_page("/style-guide")
    card = specimen(page, "listing_card", "without a picture").get_by_role("article")
    # The other one leads to its owner.
    expect(card.get_by_role("link")).to_have_count(2)
    card.scroll_into_view_if_needed()
    covers = card.evaluate(
        """card => {
            const box = card.getBoundingClientRect(), link = card.querySelector('a');
            return [0.1, 0.5, 0.9].every(part =>
                document.elementFromPoint(box.left + box.width * part, box.top + box.height * part) === link);
        }"""
    )
    assert covers


def test_a_link_is_copied_where_nothing_else_can_share(open_page):
    page = open_page("/style-guide", permissions=["clipboard-read", "clipboard-write"])
    shown = specimen(page, "share", "a page")
    shown.get_by_role("button", name="Copy the link").click()
    expect(shown.get_by_role("status")).to_have_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "https://kula.example/listings/1"


def test_without_scripts_there_is_no_button_that_does_nothing(open_page):
    page = open_page("/style-guide", java_script_enabled=False)
    shown = specimen(page, "share", "a page")
    expect(shown.get_by_label("Address of this page")).to_have_value("https://kula.example/listings/1")
    expect(shown.get_by_role("button")).to_be_hidden()


def test_files_are_dropped_on_the_box_one_after_the_other(open_page):
    page = open_page("/style-guide")
    shown = specimen(page, "file_upload", "empty")
    for name in ("front.jpg", "back.jpg"):
        files = page.evaluate_handle(
            """name => {
                const files = new DataTransfer();
                files.items.add(new File(['x'], name));
                return files;
            }""",
            name,
        )
        shown.locator(".file-upload__drop").dispatch_event("drop", {"dataTransfer": files})
    names = "input => [...input.files].map(file => file.name)"
    assert shown.get_by_label("Choose pictures").evaluate(names) == ["front.jpg", "back.jpg"]
    expect(shown.get_by_role("listitem")).to_have_text([re.compile("^front.jpg"), re.compile("^back.jpg")])


def test_nothing_moves_while_the_pictures_come(open_page):
    page = open_page("/style-guide")
    # Of the pictures that are not there yet, the place is: width and height are in the markup.
    assert page.locator("img").count() == page.locator("img[width][height]").count()


@pytest.mark.parametrize("path", ["/", "/style-guide"])
def test_every_target_is_large_enough(open_page, path):
    page = open_page(path, viewport=NARROW)
    # Links in running text may be smaller: WCAG 2.5.8.
    small = page.evaluate(
        """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
            .filter(each => each.checkVisibility() && !each.closest('.skip-link, p:not([class])'))
            .map(each => [each.getBoundingClientRect(), each.outerHTML.slice(0, 120)])
            .filter(([box]) => box.width < 24 || box.height < 24)
            .map(([box, what]) => `${box.width} x ${box.height}: ${what}`)"""
    )
    assert small == []


def test_focus_is_not_covered(open_page):
    page = open_page("/style-guide", viewport={"width": 360, "height": 500})
    for _ in range(60):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                return !document.activeElement.contains(top) && !top?.contains(document.activeElement)
                    && document.activeElement.outerHTML.slice(0, 120);
            }"""
        )
        assert not covered
