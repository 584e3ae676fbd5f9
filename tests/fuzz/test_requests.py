"""Nothing that can be sent makes the site fail, or change what the sender has no right to change.

How long a request takes is measured in time of the processor, which a busy machine does not stretch. The
database has a limit of its own for each statement here; a page that meets it is a failure.
"""

import time

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.fuzz.requests import wild_requests
from tests.support.client import CheckedClient
from tests.support.postgresql import connect

SECONDS = 2
AT_ONCE = 5
# What the stranger may not change: rows of the victim, and those that are nobody's to change.
GUARDED = {
    "users": "id = {victim}",
    "username_skeletons": "member_id = {victim}",
    "categories": "true",
    "former_category_paths": "true",
    "listings": "owner_id = {victim}",
    "listing_items": "owner_id = {victim}",
    "listing_drafts": "owner_id = {victim}",
    "pictures": "owner_id = {victim}",
    "watched_listings": "member_id = {victim}",
    "saved_searches": "owner_id = {victim}",
    "devices": "member_id = {victim}",
    "second_factors": "member_id = {victim}",
    "recovery_codes": "member_id = {victim}",
    "blocks": "member_id = {victim}",
    "profiles": "member_id = {victim}",
    "notifications": "member_id = {victim}",
    "notification_choices": "member_id = {victim}",
    "outbox": "member_id = {victim}",
    "unsubscribed_topics": "member_id = {victim}",
    "measures": "member_id = {victim}",
    "audit_log": "true",
    "screened_words": "true",
    "search_entries": "listing_id IN (SELECT id FROM listings WHERE owner_id = {victim})",
    "alembic_version": "true",
    # Mallory is no side of this one.
    "exchanges": "id = {exchange}",
    "exchange_versions": "exchange_id = {exchange}",
    "exchange_items": "exchange_id = {exchange}",
    "exchange_holds": "exchange_id = {exchange}",
    "exchange_events": "exchange_id = {exchange}",
    "exchange_disputes": "exchange_id = {exchange}",
    "exchange_loans": "exchange_id = {exchange}",
    "exchange_messages": "exchange_id = {exchange}",
    "exchange_reads": "exchange_id = {exchange}",
    "exchange_reviews": "exchange_id = {exchange}",
}
# Kept by triggers and commands for all rows together, or made by whoever deletes what is theirs.
OTHERS = {"category_counts", "content_versions", "search_words", "removed_listings", "throttles"}
# Whoever is signed in may report the victim's things: that is what reports are for.
OTHERS |= {"report_cases", "reports"}


class Site:
    """A site with a victim, a member who is up to no good, and what each of them has."""

    def __init__(self, app, cursor):
        self.app = app
        self.cursor = cursor
        make = Factories(app)
        self.victim = make.member(username="victim")
        self.mallory = make.member(username="mallory")
        tools = make.category(slug="tools", name="Tools")
        make.former_path(tools, "implements")
        known = {
            "listings": [],
            "items": [],
            "searches": [],
            "drafts": [],
            "devices": [],
            "notifications": [],
        }
        for member in (self.victim, self.mallory):
            listing = make.listing(owner_id=member.id, category_id=tools.id, title="Tools of mine", items=[])
            item = make.item(listing)
            make.picture(owner_id=member.id, item_id=item.id)
            make.watched(member, listing)
            make.measure(member)
            make.letter(member_id=member.id)
            make.unsubscribed(member)
            make.profile(member)
            make.block(member, make.member())
            known["listings"].append(listing.id)
            known["items"].append(item.id)
            known["searches"].append(make.saved_search(member).id)
            make.second_factor(member)
            known["devices"].append(make.device(member).id)
            make.letters_chosen(member)
            known["notifications"].append(make.notification(member).id)
            form = {"title": "A draft", "category_id": str(tools.id), "offers": [{"name": "Saw"}]}
            known["drafts"].append(make.draft(form, owner_id=member.id).id)
            known["drafts"].append(
                make.draft({"title": "A change"}, owner_id=member.id, listing_id=listing.id).id
            )
        make.screened_word()
        item, lent = (make.item(make.listing(owner_id=self.victim.id, items=[])) for _ in range(2))
        exchange = make.exchange(make.member(), self.victim, [], [item], state="accepted")
        make.course(exchange, lent)
        make.dispute(exchange)
        make.picture(message_id=make.message(exchange, "Only the two read this").id)
        mallorys = make.exchange(make.member(), self.mallory)
        known["exchanges"] = [exchange.id, mallorys.id]
        cursor.execute("INSERT INTO audit_log (action, object_kind, object_id) VALUES ('hide', 'listing', 1)")
        self.known = known
        parts = [
            f"SELECT '{table}', md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM {table} AS row"
            f" WHERE {condition.format(victim=self.victim.id, exchange=exchange.id)}"
            for table, condition in GUARDED.items()
        ]
        self._digests = " UNION ALL ".join(parts)

    def digests(self):
        """One for each guarded table."""
        self.cursor.execute(self._digests)
        return dict(self.cursor.fetchall())


class Plain(CheckedClient):
    """A client that looks at no page, which takes longer than making it."""

    def open(self, *args, **kwargs):
        return FlaskClient.open(self, *args, buffered=True, **kwargs)


@pytest.fixture
def site(make_database):
    url = make_database()
    app = make_app(url, STATEMENT_TIMEOUT_MS=SECONDS * 1000)
    with connect(url) as cursor:
        yield Site(app, cursor)
    dispose(app)


def attack(site, kind, examples):
    """Send some requests in each example, to one site that keeps what they do to it; return how many."""
    site.app.test_client_class = kind
    before, sent = site.digests(), [0]
    several = st.lists(wild_requests(site.known), min_size=AT_ONCE, max_size=AT_ONCE)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        # What came before is part of a failure, and a smaller one is another one.
        phases=[Phase.generate],
        print_blob=True,
    )
    @given(several)
    def send(wild_ones):
        browsers = {False: new_client(site.app), True: new_client(site.app).sign_in(site.mallory)}
        for wild in wild_ones:
            sent[0] += 1
            answer_to(wild, browsers[wild.by_member])
            if wild.method not in ("GET", "HEAD", "OPTIONS"):
                assert site.digests() == before, wild
        assert site.digests() == before, wild_ones

    send()
    return sent[0]


def answer_to(wild, browser):
    token = browser.csrf_token()
    began = time.process_time()
    response = browser.open(**wild.arguments(token))
    seconds = time.process_time() - began
    assert response.status_code < 500, wild
    assert seconds < SECONDS, wild
    assert response.headers["X-Content-Type-Options"] == "nosniff", wild
    assert "Traceback" not in response.get_data(as_text=True), wild


def test_every_table_is_guarded_or_said_not_to_be(app):
    from marketplace.extensions import db

    assert GUARDED.keys() | OTHERS == db.metadata.tables.keys() | {"alembic_version"}


def test_a_change_would_be_seen(site):
    before = site.digests()
    assert all(before.values())
    site.cursor.execute("UPDATE saved_searches SET name = 'changed' WHERE owner_id = %s", [site.victim.id])
    assert {table for table, digest in site.digests().items() if digest != before[table]} == {
        "saved_searches"
    }


def test_some_requests_do_no_harm(site):
    assert attack(site, CheckedClient, examples=60) >= 300


@pytest.mark.soak
@pytest.mark.parametrize("part", range(4))
def test_twenty_thousand_requests_do_no_harm(part, site):
    assert attack(site, Plain, examples=1000) >= 5_000
