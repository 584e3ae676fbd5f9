"""Takes the pictures of the pages that the documentation shows, from a site that is running with sample data.

    make run
    flask sample-data --listings 2000
    .venv/bin/python -m tests.browser.screenshots

Registers a member, with a verified address, to see what only members see. Writes <page>.png,
<page>-dark.png and <page>-phone.png to docs/img.
"""

import argparse
import shutil
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, PROGRAMS
from tests.browser.registering import register
from tests.browser.screenshots_of_swaps import show_swap
from tests.support.project import ROOT

FOLDER = ROOT / "docs" / "img"
CATEGORY = "/categories/camping-and-travel"
PAGES = {
    "home": "/",
    "category": CATEGORY,
    "search": "/search?q=tent",
    "nothing-found": "/search?q=unobtainium",
    "posting": "/listings/new",
}
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
VARIANTS: dict[str, dict[str, Any]] = {
    "": {"viewport": DESK, "color_scheme": "light"},
    "-dark": {"viewport": DESK, "color_scheme": "dark"},
    "-phone": {"viewport": PHONE, "color_scheme": "light"},
}


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--site", default="http://localhost:8000", help="Address of the running site.")
    site = parser.parse_args().site
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        program = next(found for name in PROGRAMS if (found := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for suffix, options in VARIANTS.items():
            for name in take(browser, site, options, suffix):
                print(FOLDER / f"{name}{suffix}.png")
        browser.close()


def take(browser: Browser, site: str, options: dict[str, Any], suffix: str) -> Iterator[str]:
    """Take each page once, and yield its name."""
    page = browser.new_context(base_url=site, **options).new_page()
    register(page, "wairisi")
    for name, path in {**PAGES, **paths_of_a_listing(page)}.items():
        response = page.goto(path)
        if response is None or not response.ok:
            print(f"{path} did not answer with a page: no picture of it.")
            continue
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png")
        yield name
    for name, page in show_swap(browser, site, options):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png", full_page=True)
        yield name


def paths_of_a_listing(page: Page) -> dict[str, str]:
    """Find a listing and an item of it, as a reader would: by the links."""
    page.goto(CATEGORY)
    listing = page.locator("main article h3 a").first.get_attribute("href")
    assert listing is not None
    page.goto(listing)
    item = page.locator("main a[href^='/items/']").first.get_attribute("href")
    assert item is not None
    return {"listing": listing, "item": item}


if __name__ == "__main__":
    main()
