"""What a member's browser does with the posting form, from what is typed to what is published."""

from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import Element

from werkzeug.test import TestResponse

from tests.support.client import CheckedClient
from tests.support.html import check_page, text_of

# What a page knows of the draft that it shows.
KNOWN = ("saves", "listing", "based_on")


def new_draft_address() -> str:
    """The address of a draft that is not there yet, as a fresh form has it."""
    return f"/drafts/{uuid4()}"


def form_of(page: Element) -> Element:
    """Return the posting form of a page."""
    form = page.find(".//form[@id='posting']")
    assert form is not None, "no posting form on this page"
    return form


def controls(page: Element) -> dict[str, Any]:
    """Return what a browser would send of the posting form, without the token and the buttons."""
    values: dict[str, Any] = {}
    for control in form_of(page).iter():
        name, kind = control.get("name", ""), control.get("type")
        if control.tag == "textarea":
            # A browser drops one line break after the tag, as the parser does.
            values[name] = (control.text or "").removeprefix("\n")
        elif control.tag == "select":
            chosen = control.find(".//option[@selected]")
            values[name] = chosen.get("value", "") if chosen is not None else ""
        elif control.tag == "input" and name.endswith("-picture"):
            values.setdefault(name, []).append(control.get("value", ""))
        elif (
            control.tag == "input"
            and kind != "file"
            and (kind != "radio" or control.get("checked") is not None)
        ):
            values[name] = control.get("value", "")
    return {
        name: value for name, value in values.items() if name != "csrf_token" and not name.endswith("files")
    }


def typed(page: Element) -> dict[str, Any]:
    """Return what was typed into the posting form: its controls but for what the page knows of itself."""
    return {name: value for name, value in controls(page).items() if name not in KNOWN}


def press(browser: CheckedClient, address: str, values: dict[str, Any], button: str, value: str) -> Element:
    """Press a button of the form, and return the page to which that leads."""
    response = browser.submit(address, values | {button: value})
    assert response.status_code == 303, response.status
    return browser.page(response.location.partition("#")[0])


def send_to_check(
    browser: CheckedClient, values: dict[str, Any], address: str | None = None
) -> tuple[TestResponse, Element]:
    """Send the form to be checked; return the answer that follows and its page."""
    response = browser.submit(address or new_draft_address(), {**values, "go": "check"})
    assert response.status_code == 303, response.status
    answer = browser.get(response.location)
    return answer, check_page(answer.text)


def is_refused(page: Element) -> bool:
    """Tell whether the page says that there is a problem."""
    return text_of(page.find(".//title")).startswith("Error:")


def errors(page: Element) -> list[tuple[str | None, str]]:
    """Return the errors in the page's summary: each with the place that it leads to."""
    return [(a.get("href"), text_of(a)) for a in page.findall(".//*[@class='error-summary']//a")]


def publish_checked(browser: CheckedClient, page: Element) -> TestResponse:
    """Press the button of the page on which the answers are checked."""
    form = next(form for form in page.iter("form") if (form.get("action") or "").endswith("/publish"))
    hidden = {each.get("name", ""): each.get("value") for each in form.iter("input")}
    return browser.submit(form.get("action", ""), hidden)


def publish(browser: CheckedClient, values: dict[str, Any]) -> TestResponse:
    """Post a listing with these values, which must be accepted; return the answer to the last press."""
    _, page = send_to_check(browser, values)
    assert not is_refused(page), errors(page)
    return publish_checked(browser, page)


def publish_edit(browser: CheckedClient, listing_id: int, values: dict[str, Any]) -> TestResponse:
    """Change a listing to these values; return the answer to the last press."""
    known = browser.page(f"/listings/{listing_id}/edit")
    address = form_of(known).get("action")
    about = {
        name: value for name, value in controls(known).items() if name in ("saves", "listing", "based_on")
    }
    _, page = send_to_check(browser, about | values, address)
    assert not is_refused(page), errors(page)
    return publish_checked(browser, page)
