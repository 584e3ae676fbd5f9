"""A member's first visit, from registering to logging out, with scripts and without."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from marketplace.mail.sending import carrier_of_site, send_due


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_first_visit(open_page, live_app, scripts):
    page = open_page("/", java_script_enabled=scripts)
    name = f"Nadia-{'js' if scripts else 'plain'}"
    register(page, name)
    verify_address(page, live_app, name)
    post_listing(page, name)
    find_it_by_its_category(page, name)
    log_out(page, name)


def register(page: Page, name: str) -> None:
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill("three unrelated words")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text(f"Welcome to Kula, {name}.")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def verify_address(page: Page, live_app: Flask, name: str) -> None:
    with live_app.app_context():
        send_due(carrier_of_site())
    page.get_by_role("link", name="No letter?").click()
    page.get_by_role("link", name="read the letter in the outbox").click()
    letter = page.get_by_role("article").filter(has_text=f"Hello {name},")
    # In letters the site is where `flask serve` serves it.
    address = letter.get_by_role("link").first.get_attribute("href")
    page.goto(urlsplit(address).path)
    page.get_by_role("button", name="Verify my address").click()
    expect(page.get_by_text("Your e-mail address is not verified yet")).to_have_count(0)


def post_listing(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Post a listing").click()
    page.get_by_label("Title").fill(f"Garden things of {name}")
    page.get_by_label("Category").select_option(label="Garden tools")
    page.get_by_label("Description").first.fill("In good order.\n\nTo be fetched by bicycle.")
    first = page.get_by_role("group", name="Offer 1")
    first.get_by_label("Swap for good").check()
    first.get_by_label("About what it is worth").fill("1,200")
    page.get_by_role("button", name="Add another item you offer").click()

    # What was typed is still there after the page has come back with one row more. What the title alone
    # said so far needs a name of its own beside another thing.
    second = page.get_by_role("group", name="Offer 2")
    expect(second.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value(f"Garden things of {name}")
    expect(first.get_by_label("Name")).to_have_value(f"Garden things of {name}")
    expect(first.get_by_label("About what it is worth")).to_have_value("1,200")
    first.get_by_label("Name").fill("Spade")
    second.get_by_label("Name").fill("Wheelbarrow")
    second.get_by_label("Lend for some days").check()
    second.get_by_label("Longest loan in days").fill("14")
    page.get_by_role("group", name="Wish 1").get_by_label("Name").fill("Seedlings")
    page.get_by_role("button", name="Check your listing").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your listing")
    expect(page.get_by_role("main")).to_contain_text("Lend, up to 14 days")
    page.get_by_role("button", name="Publish listing").click()

    expect(page.get_by_text("Your listing is published.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Garden things of {name}")


def find_it_by_its_category(page: Page, name: str) -> None:
    page.get_by_role("link", name="Browse", exact=True).click()
    page.get_by_role("link", name="Garden and plants").first.click()
    expect(page).to_have_url(re.compile(r"/categories/garden-and-plants$"))
    page.get_by_role("link", name="Garden tools").first.click()
    expect(page).to_have_url(re.compile(r"/categories/garden-and-plants/garden-tools$"))
    card = page.get_by_role("article").filter(has_text=f"Garden things of {name}")
    expect(card).to_contain_text("Spade")
    expect(card).to_contain_text("Swap for good")
    expect(card).to_contain_text("Lend, up to 14 days")
    expect(card).to_contain_text("Seedlings")
    card.get_by_role("link", name=f"Garden things of {name}").click()
    page.get_by_role("link", name="Wheelbarrow").click()
    expect(page).to_have_url(re.compile(r"/items/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Wheelbarrow")
    expect(page.get_by_role("main")).to_contain_text("lends this for up to 14 days")
    page.get_by_role("link", name="Spade").click()
    expect(page.get_by_role("main")).to_contain_text("gives this away for good")
    expect(page.get_by_role("main")).to_contain_text("Worth about 1,200")


def log_out(page: Page, name: str) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    expect(page.get_by_role("banner")).not_to_contain_text(name)
    page.goto("/my/listings")
    expect(page).to_have_url(re.compile(r"/login\?next="))
