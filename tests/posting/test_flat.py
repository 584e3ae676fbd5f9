"""Posting, editing and a member's own pages read as little of a large site as of a small one."""

import pytest

from tests.support.posting import controls, form_of, new_draft_address, publish_checked, send_to_check

TABLES = ("listings", "listing_items", "search_entries", "listing_drafts", "pictures")
# What was read in this transaction, by tables: rows of whole-table scans, and rows by way of an index.
READ = """
    SELECT relname, seq_tup_read, coalesce(idx_tup_fetch, 0)
    FROM pg_stat_xact_user_tables WHERE relname IN :tables
"""
FILL = (
    """
    INSERT INTO listings (owner_id, category_id, title, area, created_at)
    SELECT :owner, :category, 'Thing number ' || n || ' of ' || n % 50, 'Harbour',
        now() - n * interval '1 min'
    FROM generate_series(1, :listings) AS n RETURNING id
    """,
    """
    INSERT INTO listing_items (listing_id, owner_id, kind, name, value)
    SELECT id, owner_id, 'offer', title, 40 FROM listings, generate_series(1, :items) RETURNING id
    """,
)
# Far fewer than there are, and no more than the newest listings and the likeliest things that are looked at.
MOST = {"listings": 1100, "listing_items": 300, "search_entries": 3000, "listing_drafts": 50, "pictures": 50}
LISTINGS = 6000


def settle(rows):
    """Do what the database's own upkeep does after so many new rows."""
    for table in TABLES:
        rows(f"ANALYZE {table}; SELECT 1")
    rows("SELECT gin_clean_pending_list('ix_search_entries_document')")


@pytest.fixture
def crowded(make, rows):
    """A member with a listing of their own, on a site with thousands of others."""
    member, category = make.member(), make.category()
    for fill in FILL:
        values = {"owner": make.member().id, "category": category.id, "listings": LISTINGS, "items": 1}
        rows(fill, **{name: value for name, value in values.items() if f":{name}" in fill})
    own = make.listing(owner_id=member.id, category_id=category.id, title="Thing of mine")
    settle(rows)
    return member, category, own


@pytest.fixture
def read_by(rows):
    """Runs an act, and returns what it read: (rows of whole-table scans, rows by indexes) of each table."""

    def measure(act):
        before = {table: counts for table, *counts in rows(READ, tables=TABLES)}
        act()
        after = {table: counts for table, *counts in rows(READ, tables=TABLES)}
        return {
            table: tuple(a - b for a, b in zip(after[table], before[table], strict=True)) for table in after
        }

    return measure


def test_no_act_reads_more_than_a_part_of_a_crowded_site(crowded, browser_of, read_by):
    member, category, own = crowded
    browser = browser_of(member)
    address = new_draft_address()
    form = {
        "title": "Thing",
        "category_id": category.id,
        "offers-0-name": "Thing of 7",
        "offers-1-name": "Thing",
    }
    edit = controls(browser.page(f"/listings/{own.id}/edit")) | {"title": "Thing of mine, changed"}
    edit_address = form_of(browser.page(f"/listings/{own.id}/edit")).get("action")
    acts = {
        "an empty form": lambda: browser.page("/listings/new"),
        "saving a draft": lambda: browser.submit(address, form | {"go": "save"}),
        "a draft with its help": lambda: browser.page(address),
        "help while one types": lambda: browser.get(
            f"/listings/new/suggestions?title=Thing+of+7&category_id={category.id}&name=Thing+of+7"
        ),
        "publishing": lambda: publish_checked(browser, send_to_check(browser, form, address)[1]),
        "changing": lambda: publish_checked(browser, send_to_check(browser, edit, edit_address)[1]),
        "own listings": lambda: browser.page("/my/listings"),
        "renewing": lambda: browser.submit("/my/listings", {"act": "renew", "id": own.id}),
    }
    for name, act in acts.items():
        for table, (scanned, fetched) in read_by(act).items():
            # A table that is nearly empty is read as a whole.
            assert scanned <= 50, f"{name} reads {scanned} rows of {table} one after another"
            assert fetched <= MOST[table], f"{name} reads {fetched} rows of {table}"


def test_a_member_with_a_thousand_listings_of_forty_items_sees_a_page_of_them(
    make, rows, browser_of, read_by
):
    member, category = make.member(), make.category()
    values = {"owner": member.id, "category": category.id, "listings": 1000}
    rows(FILL[0], **values)
    rows(FILL[1], items=40)
    settle(rows)
    browser = browser_of(member)
    read = read_by(lambda: browser.page("/my/listings"))
    assert read["listing_items"] == (0, 0)
    assert sum(read["listings"]) <= 2100
    assert len(browser.statements) == 3
    assert len(browser.get("/my/listings").data) < 60_000
