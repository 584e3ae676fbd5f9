"""Looks at a site's pages and sends its forms, in this process, and prints what each was answered with.

    python tests/releases/visitor.py

The site is whichever `marketplace` lies first on the path, on DATABASE_URL: this release's or another's. So
nothing is imported here but that and other people's packages. Prints a JSON list of visits.
"""

import json
import re
import sys
from contextlib import suppress
from html.parser import HTMLParser

import psycopg2
from sqlalchemy import event
from sqlalchemy.engine import Engine

from marketplace import create_app

PASSWORD = "a long word for tests"
# How many addresses of one kind are looked at by each person, and how many pages each reads in all.
OF_A_KIND, PAGES = 2, 200
# What would end the visit.
LAST = re.compile(
    r"/logout|/account/(delete|leaving|password|address)|/end|/second-factor|\?next=|^/media|/static"
)
PLAUSIBLE = {"email": "someone@example.org", "password": PASSWORD, "number": "3", "date": "2030-01-15"}
LISTING = {
    "title": "Cordless drill",
    "description": "It was used for one winter.",
    "lifetime_days": "30",
    "offers-0-name": "Cordless drill",
    "offers-0-value": "60",
    "wants-0-name": "Garden hose",
}


class Page(HTMLParser):
    """The addresses that a page leads to, and the forms that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._fields: dict[str, str] | None = None
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and has.get("href", "").startswith("/"):
            self.links.append(has["href"].partition("#")[0])
        elif tag == "form":
            self._fields = {}
            if has.get("method", "").lower() == "post":
                self.forms.append((has.get("action", ""), self._fields))
        elif self._fields is None or not has.get("name", self._select):
            return
        elif tag in ("input", "textarea"):
            kind = has.get("type", "text")
            chosen = kind not in ("checkbox", "radio", "submit", "file", "image") or "checked" in has
            if chosen or (kind == "radio" and has["name"] not in self._fields):
                filled = has.get("value") or PLAUSIBLE.get(kind, "Some words")
                self._fields[has["name"]] = filled
        elif tag == "select":
            self._select = has["name"]
        elif tag == "option" and has.get("value") and ("selected" in has or self._select not in self._fields):
            self._fields[self._select] = has["value"]
        elif tag == "button" and has.get("value") is not None:
            self._fields.setdefault(has["name"], has["value"])

    def handle_endtag(self, tag):
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""


class Person:
    """Somebody with a browser, who notes what each request was answered with."""

    def __init__(self, app, name: str, visits: list) -> None:
        self.app, self.name, self.visits = app, name, visits
        self.browser = app.test_client()
        self.seen: dict[str, int] = {}
        self.error: str | None = None

    def ask(self, method: str, address: str, form=None):
        self.error = None
        event.listen(Engine, "handle_error", self._note)
        answer = self.browser.open(address, method=method, data=form, base_url="http://localhost")
        event.remove(Engine, "handle_error", self._note)
        kind = self.kind(method, address)
        self.visits.append([self.name, method, kind, address, answer.status_code, self.error])
        return answer

    def _note(self, context):
        # The first one tells why; what follows may say no more than that the transaction is lost.
        error = context.original_exception
        self.error = self.error or f"{getattr(error, 'pgcode', None)} {error}"[:400]

    def kind(self, method: str, address: str) -> str:
        try:
            return self.app.url_map.bind("localhost").match(address.partition("?")[0], method=method)[0]
        except Exception:
            # It leads nowhere, or elsewhere: a kind of its own.
            return "none"

    def send(self, address: str, **values: str):
        """Send a page's own form with these values."""
        return self.answer(address, self.ask("GET", address), **values)

    def answer(self, address: str, shown, **values: str):
        """Send the form of the page that was shown, the first one that is not in its header."""
        for action, fields in Page(shown.get_data(as_text=True)).forms:
            if "logout" not in action:
                return self.ask("POST", action or address, {**fields, **values})
        return shown

    def post_listing(self, category: int) -> str:
        """Write a listing and publish it; return its address."""
        page = Page(self.ask("GET", "/listings/new").get_data(as_text=True))
        action, fields = next((form for form in page.forms if "title" in form[1]), ("", {}))
        if not action:
            return "/"
        token = {"csrf_token": fields["csrf_token"]}
        draft = action.partition("?")[0]
        form = {**token, **LISTING, "category_id": str(category), "saves": "0", "go": "check"}
        self.ask("POST", draft, form)
        return self.ask("POST", f"{draft}/publish", {**token, "saves": "1"}).headers.get("Location", "/")

    def look_around(self, *addresses: str) -> None:
        """Follow links from these addresses, so many of a kind, and then send each kind of form once."""
        waiting, forms, sent = list(addresses), [], set[str]()
        while waiting and sum(self.seen.values()) < PAGES:
            address = waiting.pop(0)
            kind = self.kind("GET", address)
            if self.seen.get(kind, 0) >= OF_A_KIND or LAST.search(address):
                continue
            self.seen[kind] = self.seen.get(kind, 0) + 1
            answer = self.ask("GET", address)
            if answer.mimetype == "text/html":
                page = Page(answer.get_data(as_text=True))
                waiting += page.links
                forms += [(action or address, fields) for action, fields in page.forms]
        for action, fields in forms:
            kind = self.kind("POST", action)
            if kind not in sent and not LAST.search(action):
                sent.add(kind)
                self.ask("POST", action, fields)


def main() -> None:
    app = create_app({"THROTTLING_SCALE": 1_000_000})
    url = app.config["SQLALCHEMY_DATABASE_URI"].set(drivername="postgresql")
    database = psycopg2.connect(url.render_as_string(hide_password=False))
    database.autocommit = True
    cursor = database.cursor()
    visits: list = []
    people = []
    for name in ("ada", "ben"):
        person = Person(app, name, visits)
        email = f"{name}@example.org"
        person.send("/register", username=name, email=email, password=PASSWORD)
        cursor.execute("UPDATE users SET email_verified_at = now() WHERE username = %s", [name])
        person.browser = app.test_client()
        person.send("/login", username=name, password=PASSWORD)
        people.append(person)
    # Before there were administrators, nobody had more to see.
    with suppress(psycopg2.errors.UndefinedColumn):
        cursor.execute("UPDATE users SET role = 'administrator' WHERE username = 'ada'")
    cursor.execute("SELECT max(id) FROM categories WHERE level = 3")
    (category,) = cursor.fetchone()
    ada, ben = people
    theirs = [person.post_listing(category) for person in people]
    cursor.execute(
        "SELECT i.id FROM listing_items i JOIN users u ON u.id = i.owner_id"
        " WHERE username = 'ada' AND kind = 'offer'"
    )
    for (item,) in cursor.fetchall():
        ben.send(f"/items/{item}/ask")
        swap = f"/items/{item}/swap"
        ben.answer(swap, ben.send(swap), go="send")
    ben.send(f"/report/listing/{theirs[0].rpartition('/')[2]}")
    for person in (Person(app, "visitor", visits), ben, ada):
        person.look_around(
            *(
                "/",
                *theirs,
                "/categories",
                "/search?q=drill",
                "/search.atom?q=drill",
                "/listings/new",
                "/swaps",
            ),
            *(
                "/notifications",
                "/my/listings",
                "/my/saved",
                "/account",
                "/account/data",
                "/moderation",
                "/health",
            ),
            *(
                "/account/notifications",
                "/account/profile",
                "/account/devices",
                "/members/ada",
                "/members/ben",
            ),
            *("/moderation/log", "/moderation/words", "/moderation/swaps", "/sitemap.xml", "/robots.txt"),
        )
    json.dump(visits, sys.stdout)


main()
