"""The pages of a swap between two members, from proposing to handing over, for the pictures of the docs."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from tests.browser.registering import register


def show_swap(browser: Browser, site: str, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """Let two members swap and lend, and yield each page that is worth a picture, with its name."""
    one, other = (browser.new_context(base_url=site, **options).new_page() for _ in range(2))
    register(one, "wairisi")
    register(other, "tokobu")
    post(one, "Workshop things", ["Cordless drill", "Set of spanners"], ["85", "30"])
    item = post(
        other, "For a weekend outside", ["Two-person tent", "Camping stove"], ["120", "25"], lent=True
    )

    one.goto(item)
    one.get_by_role("link", name="Propose a swap").click()
    one.get_by_role("group", name="You give").get_by_label("Cordless drill").check()
    one.get_by_label("From Two-person tent").fill(in_days(6))
    one.get_by_label("To Two-person tent").fill(in_days(9))
    one.get_by_role("group", name="You get").get_by_label("Camping stove").check()
    one.get_by_label("A few words with it").fill("We are off to the lake. The drill has two batteries.")
    yield "propose", one
    one.get_by_role("button", name="Look it over").click()
    yield "proposal-check", one
    one.get_by_role("button", name="Send").click()
    swap = urlsplit(one.url).path

    other.goto(swap)
    yield "answer", other
    other.get_by_role("button", name="Accept").click()
    other.get_by_role("link", name="Say where and when").click()
    other.get_by_label("Where?").fill("Library, at the door")
    other.get_by_label("On which day?").fill(in_days(6))
    other.get_by_label("At what time?").fill("10:00")
    other.get_by_role("button", name="Say so").click()
    other.get_by_label("Your message").fill("The pegs are in the small bag.")
    other.locator("#thread").get_by_role("button", name="Send").click()
    one.goto(swap)
    yield "swap", one
    one.goto("/swaps?tab=under_way")
    yield "swaps", one


def post(page: Page, title: str, names: list[str], values: list[str], *, lent: bool = False) -> str:
    """Publish a listing of two things, the first perhaps to lend; return the address of the first."""
    page.goto("/listings/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Category").select_option(label="Garden tools")
    page.get_by_role("button", name="Add another item you offer").click()
    for number, (name, value) in enumerate(zip(names, values, strict=True), 1):
        row = page.get_by_role("group", name=f"Offer {number}")
        row.get_by_label("Name").fill(name)
        row.get_by_label("About what it is worth").fill(value)
        if lent and number == 1:
            row.get_by_label("Lend for some days").check()
            row.get_by_label("Longest loan in days").fill("14")
    page.get_by_role("button", name="Check your listing").last.click()
    page.get_by_role("button", name="Publish listing").click()
    page.get_by_text("Your listing is published.").wait_for()
    address = page.locator("main a[href^='/items/']").first.get_attribute("href")
    assert address is not None
    return address


def in_days(days: int) -> str:
    """Return the date so many days from today, as a field takes it."""
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the browser's own day.
