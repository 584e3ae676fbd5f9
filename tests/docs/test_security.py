"""What docs/SECURITY.md promises."""

import re
import stat
from http.cookies import SimpleCookie

import pytest

from marketplace import config, create_app
from marketplace.accounts import rules
from tests.conftest import dispose, make_app, new_client
from tests.factories.accounts import PASSWORD
from tests.support.postgresql import ROOT
from tests.support.posting import new_draft_address
from tests.support.production import enter_production

DANGEROUS = '<script>alert(1)</script> & "quotes"'
ELSEWHERE = [
    "https://example.org/",
    "//example.org/",
    "/\\example.org",
    "javascript:alert(1)",
    "/\t/example.org",
]
# OWASP ASVS 5.0.0: the last requirement of levels 1 and 2 in each section; those of level 3 come after it.
LAST_NUMBERS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5},
    **{"6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2},
    **{"8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4},
    **{"11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2},
    **{"13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1},
    **{"16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
}


def log_in(client, name, password=PASSWORD, **fields):
    return client.submit("/login", {"username": name, "password": password, **fields})


def test_a_password_is_kept_as_argon2id_alone(client, rows):
    client.submit("/register", {"username": "newcomer", "email": "a@example.org", "password": PASSWORD})
    [(stored,)] = rows("SELECT password_hash FROM users")
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


@pytest.mark.parametrize("password", ["short words", "password1234", "aaaaaaaaaaaaaaaa", "newcomer2024"])
def test_a_weak_password_is_refused(password, client, rows):
    response = client.submit(
        "/register", {"username": "newcomer", "email": "a@example.org", "password": password}
    )
    assert response.status_code == 422
    assert not rows("SELECT id FROM users")


def test_a_wrong_password_and_an_unknown_account_look_the_same(client, make, monkeypatch):
    member = make.member()
    verified = []

    class CountingHasher:
        def verify(self, *_arguments):
            verified.append(True)
            raise rules.VerificationError

    monkeypatch.setattr(rules, "_hasher", CountingHasher())
    known, unknown = log_in(client, member.username, "wrong"), log_in(client, "nobody-here", "wrong")
    assert known.status_code == unknown.status_code == 422
    assert visible(known.text, member.username) == visible(unknown.text, "nobody-here")
    assert len(verified) == 2, "the costly check is made for both"


def visible(page, name):
    """The page without the name that was typed and its token."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page).replace(name, "")


def test_logging_in_begins_a_new_session(client, make):
    member = make.member()
    client.get("/login")
    before = client.csrf_token()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        token = session["csrf_token"]
    client.post("/login", data={"csrf_token": before, "username": member.username, "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != token


@pytest.mark.parametrize("change", ["session_epoch = session_epoch + 1", "is_active = false"])
def test_an_operator_can_end_all_sessions_of_a_member(change, client, make, rows):
    member = make.member()
    log_in(client, member.username, remember="y")
    assert client.get("/my/listings").status_code == 200
    rows(f"UPDATE users SET {change} WHERE id = :id RETURNING id", id=member.id)
    assert client.get("/my/listings").status_code == 303


def test_cookies_go_to_this_site_alone_and_over_https(make_database, monkeypatch):
    enter_production(monkeypatch)
    app = make_app(make_database())
    client = new_client(app)
    https = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/"}}
    account = {"username": "newcomer", "email": "a@example.org", "password": PASSWORD}
    try:
        client.submit("/register", account, **https)
        answer = client.submit("/login", {**account, "remember": "y"}, **https)
    finally:
        dispose(app)
    cookies = {
        morsel.key: morsel
        for header in answer.headers.getlist("Set-Cookie")
        for morsel in SimpleCookie(header).values()
    }
    assert set(cookies) == {"__Host-kula_session", "__Host-kula_browser"}
    for cookie in cookies.values():
        assert cookie["secure"]
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_logging_in_leads_to_this_site_alone(target, client, make):
    member = make.member()
    assert log_in(client, member.username, next=target).location == "/"


def test_a_view_without_a_rule_is_refused(committing_app):
    committing_app.add_url_rule("/unruled", view_func=lambda: "secret")
    response = new_client(committing_app).get("/unruled")
    assert response.status_code == 403
    assert "secret" not in response.text


def test_others_cannot_change_a_listing(make, browser_of, rows):
    listing = make.listing()
    other = browser_of(make.member())
    for path in ("renew", "archive", "restore", "delete"):
        assert other.submit(f"/listings/{listing.id}/{path}").status_code == 403
    assert other.get(f"/listings/{listing.id}/edit").status_code == 403
    other.submit("/my/listings", {"act": "archive", "id": listing.id})
    assert other.submit(new_draft_address(), {"listing": listing.id, "title": "Mine"}).status_code == 404
    assert rows("SELECT status FROM listings") == [("active",)]


def test_others_cannot_see_what_is_archived(make, client, browser_of):
    words = {"title": "Secret title", "description": "Secret words", "area": "Secret place"}
    listing = make.listing(owner_id=make.member(username="secret").id, status="archived", items=[], **words)
    item = make.item(listing, name="Secret thing")
    for browser in (client, browser_of(make.member())):
        for path in (f"/listings/{listing.id}", f"/items/{item.id}"):
            browser.page(path, 410)
            assert "secret" not in browser.get(path).text.lower()


def test_every_post_needs_the_token_of_its_session(app, make, browser_of):
    listing = make.listing()
    member = make.member()
    draft = f"/drafts/{make.draft(owner_id=member.id).id}"
    search = f"/searches/{make.saved_search(member).id}"
    device = f"/devices/{make.device(member).id}"
    told = f"/notifications/{make.notification(member).id}"
    browser = browser_of(member)
    paths = {
        rule.rule.replace("<id:listing_id>", str(listing.id))
        .replace("/drafts/<uuid:draft_id>", draft)
        .replace("/searches/<id:search_id>", search)
        .replace("<any(listing,item,picture,message,review):kind>/<id:object_id>", f"listing/{listing.id}")
        .replace("<username:username>", member.username)
        .replace("<id:case_id>", "1")
        .replace("/devices/<id:device_id>", device)
        .replace("/notifications/<id:notification_id>", told)
        .replace("<token>", "of-nobody")
        .replace("<id:word_id>", "1")
        .replace("<id:category_id>", "1")
        .replace("<id:item_id>", "1")
        .replace("<id:exchange_id>", "1")
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods
    }
    assert {"/login", "/logout", "/my/listings", f"{draft}/publish"} <= paths
    # It keeps what was typed for nobody, and leaves the draft as it is.
    paths.remove(draft)
    # A mail program sends it, which has no session; nobody made this token.
    paths.remove("/unsubscribe/of-nobody")
    for path in paths:
        assert "<" not in path, "give this route's address a value above"
        assert browser.post(path).status_code == 400, path


def test_a_members_text_is_shown_as_text(make, client):
    listing = make.listing(
        title=DANGEROUS, description=DANGEROUS, items=[{"name": DANGEROUS, "description": DANGEROUS}]
    )
    for path in ("/", f"/listings/{listing.id}"):
        scripts = client.page(path).findall(".//script")
        assert all(script.get("src") and not script.text for script in scripts)


def test_an_email_address_is_shown_to_nobody(make, client, browser_of):
    member = make.member(email="hidden-address@example.org")
    listing = make.listing(owner_id=member.id, items=[])
    item = make.item(listing)
    for browser in (client, browser_of(make.member()), browser_of(member)):
        for path in ("/", f"/listings/{listing.id}", f"/items/{item.id}"):
            assert "hidden-address" not in browser.get(path).text


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/health"])
def test_every_answer_carries_the_security_headers(path, client):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"


def test_more_than_a_megabyte_is_refused(client):
    assert client.submit("/login", {"username": "x" * 1_000_001}).status_code == 413


def test_pages_ask_no_other_site_for_anything(make, client):
    listing = make.listing()
    for path in ("/", "/login", f"/listings/{listing.id}"):
        for element in client.page(path).iter():
            if element.get("rel") == "canonical" or element.get("itemprop"):
                # It says what the page is about, and nothing is loaded from there.
                continue
            for address in (element.get("href"), element.get("src"), element.get("action")):
                assert address is None or re.match(r"[/#](?!/)|mailto:", address), address


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "SITE_URL", "SMTP_URL"])
def test_production_refuses_to_start_without_its_secrets(missing, monkeypatch):
    enter_production(monkeypatch)
    monkeypatch.setenv("DATABASE_URL", "postgresql:///nowhere")
    monkeypatch.delenv(missing)
    with pytest.raises(config.ConfigError, match=f"^{missing} is not set"):
        create_app()


def test_the_development_secret_is_its_owners_alone(tmp_path):
    secret = config._development_secret(tmp_path)
    assert len(secret) == 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_each_requirement_of_the_standard_has_one_answer():
    text = (ROOT / "docs/SECURITY.md").read_text(encoding="utf-8").partition("## OWASP ASVS")[2]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| [0-9]", line)]
    assert all(len(row) == 3 for row in rows)
    answered = [number for numbers, _, _ in rows for number in numbers_of(numbers)]
    expected = [f"{section}.{n}" for section, last in LAST_NUMBERS.items() for n in range(1, last + 1)]
    assert sorted(answered) == sorted([*expected, "10.*", "17.*"])


def numbers_of(text):
    """The numbers in a cell: single ones, and ranges within the sections of a chapter."""
    for part in text.split(", "):
        first, _, last = part.partition("–")
        if not last:
            yield first
            continue
        begin, end = (tuple(map(int, number.split("."))) for number in (first, last))
        for section, most in LAST_NUMBERS.items():
            for n in range(1, most + 1):
                if begin <= (*map(int, section.split(".")), n) <= end:
                    yield f"{section}.{n}"


def test_every_promise_names_a_test_that_exists():
    text = (ROOT / "docs/SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    own = {name for name in globals() if name.startswith("test_")} - {
        test_every_promise_names_a_test_that_exists.__name__,
        test_each_requirement_of_the_standard_has_one_answer.__name__,
    }
    assert own == {name for path, name in named if path == "tests/docs/test_security.py"}
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{name}"
