"""Becoming a member on a running site, by its pages alone."""

import secrets
from urllib.parse import urlsplit

from playwright.sync_api import Page


def register(page: Page, name: str) -> None:
    """Become a member whose name begins so and ends as nobody's does."""
    page.goto("/register")
    name = f"{name}-{secrets.token_hex(3)}"
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
