"""All forms of the site with their addresses, and values that they accept."""

from dataclasses import dataclass
from typing import Any

from wtforms import FieldList, FormField

from marketplace.accounts.forms import LoginForm, RegisterForm
from marketplace.categories.tree import Tree
from marketplace.forms import Form
from marketplace.listings.forms import ListingForm
from tests.factories.accounts import PASSWORD


@dataclass(frozen=True)
class SiteForm:
    """A form class with the address it is sent to; `needs_member` when visitors are sent to log in."""

    name: str
    address: str
    form: type[Form]
    needs_member: bool = False

    def __str__(self) -> str:
        return self.name


FORMS = [
    SiteForm("register", "/register", RegisterForm),
    SiteForm("login", "/login", LoginForm),
    SiteForm("new listing", "/listings/new", ListingForm, needs_member=True),
    SiteForm("edit listing", "/listings/{listing_id}/edit", ListingForm, needs_member=True),
]

ITEM = {"id": "", "name": "A drill", "description": "", "exchange_type": "permanent"}


def accepted_values(name: str, category_id: int, number: int) -> dict[str, str]:
    """Return what the form named `name` accepts; `number` makes it differ from the last time."""
    if name == "register":
        return {"username": f"new-{number}", "email": f"new-{number}@example.org", "password": PASSWORD}
    if name == "login":
        return {"username": "member-1", "password": PASSWORD}
    item = {f"offers-0-{field}": value for field, value in ITEM.items()}
    wish = {f"wants-0-{field}": value for field, value in ITEM.items()}
    return {"title": "Tools", "category_id": str(category_id), "description": "", **item, **wish}


def fields_of(form_class: type[Form]) -> dict[str, Any]:
    """Return all fields that the form can be sent, by the name they have in its first rows."""
    form = form_class(Tree([])) if form_class is ListingForm else form_class()
    found = {}
    for field in form:
        if isinstance(field, FieldList):
            field = field.entries[0] if field.entries else field.append_entry()
        for inner in field.form if isinstance(field, FormField) else [field]:
            found[inner.name] = inner
    del found["csrf_token"]
    return found
