"""Takes the pictures of the pages that the documentation shows, from a site that is running with sample data.

    make run
    flask sample-data --listings 2000
    .venv/bin/python -m tests.browser.screenshots

Registers a member, with a verified address, to see what only members see. Writes <page>.png,
<page>-dark.png and <page>-phone.png to docs/img.
"""

import argparse
import secrets
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, PROGRAMS
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
    register(page)
    for name, path in {**PAGES, **paths_of_a_listing(page)}.items():
        response = page.goto(path)
        if response is None or not response.ok:
            print(f"{path} did not answer with a page: no picture of it.")
            continue
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png")
        yield name


def register(page: Page) -> None:
    """Become a member with a name that nobody has."""
    page.goto("/register")
    name = f"wairisi-{secrets.token_hex(3)}"
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(secrets.token_urlsafe(16))
    page.get_by_role("button", name="Register").click()
    page.get_by_role("button", name="Log out").wait_for()
    verify(page, name)


def verify(page: Page, name: str) -> None:
    """Prove the address, which every page asks for until then, by the letter that the outbox shows."""
    letter = page.get_by_role("article").filter(has_text=f"Hello {name},")
    page.goto("/outbox")
    while not letter.count():
        page.wait_for_timeout(500)
        page.reload()
    link = letter.get_by_role("link").first.get_attribute("href")
    page.goto(urlsplit(link).path)
    page.get_by_role("button", name="Verify my address").click()
    page.get_by_text("Your e-mail address is not verified yet").wait_for(state="hidden")


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
