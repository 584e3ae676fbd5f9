"""All forms of the site with their addresses, and values that they accept."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import Element

from werkzeug.test import TestResponse
from wtforms import FieldList, FormField, MultipleFileField

from marketplace.accounts.forms import AddressForm, ForgottenForm, LoginForm, PasswordForm, RegisterForm
from marketplace.categories.tree import Tree
from marketplace.devices.forms import ConfirmForm
from marketplace.forms import Form
from marketplace.members.forms import ProfileForm
from marketplace.own_data.forms import OwnDataForm
from marketplace.posting.forms import ListingForm
from marketplace.reports.forms import ReportForm
from marketplace.saved.forms import SearchNameForm
from marketplace.second_factor.forms import AppCodeForm, CodeForm, TurnOffForm
from tests.factories.accounts import PASSWORD
from tests.support.client import CheckedClient
from tests.support.html import check_page
from tests.support.posting import is_refused


@dataclass(frozen=True)
class SiteForm:
    """A form class with the address it is sent to; `needs_member` when visitors are sent to log in.

    What such a form sends is kept as a draft, right or wrong, and checked on the page that follows.
    """

    name: str
    address: str
    form: type[Form]
    needs_member: bool = False

    def path(self) -> str:
        """Return the path to send it to, each time as a form that was just opened."""
        return self.address.format(new_draft=uuid4())

    def __str__(self) -> str:
        return self.name


FORMS = [
    SiteForm("register", "/register", RegisterForm),
    SiteForm("login", "/login", LoginForm),
    SiteForm("confirm", "/account/confirm", ConfirmForm, needs_member=True),
    SiteForm("code", "/login/code", CodeForm),
    SiteForm("code of an app", "/account/second-factor/set-up", AppCodeForm, needs_member=True),
    SiteForm("turn a second factor off", "/account/second-factor/off", TurnOffForm, needs_member=True),
    SiteForm("forgotten password", "/password/forgot", ForgottenForm),
    SiteForm("change password", "/account/password", PasswordForm, needs_member=True),
    SiteForm("change address", "/account/address", AddressForm, needs_member=True),
    SiteForm("delete account", "/account/delete", OwnDataForm, needs_member=True),
    SiteForm("new listing", "/drafts/{new_draft}", ListingForm, needs_member=True),
    SiteForm("edit listing", "/drafts/{new_draft}", ListingForm, needs_member=True),
    SiteForm("save a search", "/my/saved/searches/new?q=drill", SearchNameForm, needs_member=True),
    SiteForm("profile", "/account/profile", ProfileForm, needs_member=True),
    SiteForm("report", "/members/reported/report", ReportForm, needs_member=True),
]

ITEM = {"id": "", "name": "A drill", "description": "", "exchange_type": "permanent"}


def accepted_values(name: str, category_id: int, number: int, listing_id: int = 0) -> dict[str, str]:
    """Return what the form named `name` accepts; `number` makes it differ from the last time.

    `listing_id` is the listing that the form to edit is for.
    """
    if name == "register":
        return {"username": f"new-{number}", "email": f"new-{number}@example.org", "password": PASSWORD}
    if name == "login":
        return {"username": "member-1", "password": PASSWORD}
    if name == "report":
        return {"reason": "spam", "words": f"For the {number}th time"}
    if name in ("code", "code of an app"):
        return {"code": "123456"}
    if name == "turn a second factor off":
        return {"code": "123456", "password": PASSWORD}
    if name == "confirm":
        return {"password": PASSWORD}
    if name == "forgotten password":
        return {"email": f"new-{number}@example.org"}
    if name == "change password":
        return {"password": PASSWORD, "new_password": PASSWORD}
    if name == "delete account":
        return {"password": PASSWORD}
    if name == "change address":
        return {"email": f"new-{number}@example.org", "password": PASSWORD}
    if name == "profile":
        return {"about": "I mend bicycles.", "area": "Here"}
    if name == "save a search":
        return {"name": f"Drills {number}"}
    item = {f"offers-0-{field}": value for field, value in ITEM.items()}
    second = {"offers-1-name": "A saw"}
    wish = {f"wants-0-{field}": value for field, value in ITEM.items()}
    texts = {"title": "Tools", "category_id": str(category_id), "description": "", "area": "Here"}
    about = {"listing": str(listing_id)} if name == "edit listing" else {}
    return {**texts, "lifetime_days": "30", "go": "check", **about, **item, **second, **wish}


def refusal(browser: CheckedClient, answer: TestResponse) -> Element | None:
    """Return the page that says what is wrong with a form that was sent, or None when it was accepted."""
    if answer.status_code == 303 and (answer.location or "").endswith("/check"):
        page = browser.page(answer.location)
        return page if is_refused(page) else None
    assert answer.status_code in (303, 422), answer.status
    return check_page(answer.text) if answer.status_code == 422 else None


def fields_of(form_class: type[Form]) -> dict[str, Any]:
    """Return all fields that the form can be sent, by the name they have in its first rows."""
    form = form_class(Tree([]), {}) if form_class is ListingForm else form_class()
    found = {}
    for field in form:
        if isinstance(field, FieldList):
            field = field.entries[0] if field.entries else field.append_entry()
        for inner in field.form if isinstance(field, FormField) else [field]:
            found[inner.name] = inner
    found.pop("csrf_token", None)
    # What is sent as a file is no text: the tests of pictures try those.
    return {name: field for name, field in found.items() if not isinstance(field, MultipleFileField)}
