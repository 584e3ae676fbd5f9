"""`flask listings sweep`: what is over is marked, nobody's drafts go, counters are folded, at any time."""

import threading

import pytest
from sqlalchemy import text

from marketplace.extensions import db
from marketplace.posting import command
from tests.conftest import dispose, make_app
from tests.factories import Factories
from tests.support import postgresql
from tests.support.postgresql import connect, run_project_command

END = (
    "UPDATE listings SET lifetime_days = 30, expires_at = now() + make_interval(secs => :seconds)"
    " WHERE id = :id RETURNING id"
)
STATES = "SELECT id, status FROM listings ORDER BY id"
# What the counters say beside what they should say; the same before and after, whoever counts.
COUNTED = """
    SELECT category_id, sum(entries),
        (SELECT count(*) FROM search_entries AS entry WHERE entry.category_id = part.category_id)
    FROM category_counts AS part GROUP BY category_id ORDER BY category_id
"""
VERSION = "SELECT sum(listings), sum(categories) FROM content_versions"


@pytest.fixture
def sweep(app, connection):
    def run():
        result = app.test_cli_runner().invoke(args=["listings", "sweep"])
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


@pytest.fixture
def listing(make, rows):
    """Makes a listing whose time is over in so many seconds; negative when it is over already."""

    def make_one(seconds=None, **values):
        made = make.listing(**values)
        if seconds is not None:
            rows(END, id=made.id, seconds=seconds)
        return made

    return make_one


def test_listings_whose_time_is_over_are_marked(sweep, listing, rows, client):
    kept = [listing(), listing(3600), listing(-1, status="archived")]
    over = [listing(-1, title="Over"), listing(-86400 * 400)]
    stamps = "SELECT id, created_at, updated_at, expires_at FROM listings ORDER BY id"
    before = rows(stamps)
    assert sweep().startswith("Marked 2 listings as expired, ")
    states = dict(rows(STATES))
    assert [states[each.id] for each in kept] == ["active", "active", "archived"]
    assert [states[each.id] for each in over] == ["expired", "expired"]
    # Being swept is no change of what the listing says.
    assert rows(stamps) == before
    assert not rows("SELECT 1 FROM search_entries WHERE listing_id = :id", id=over[0].id)
    assert sweep().startswith("Marked 0 listings as expired, ")


def test_it_goes_on_until_nothing_is_left(sweep, listing, monkeypatch, rows):
    monkeypatch.setattr(command, "BATCH", 2)
    for _ in range(5):
        listing(-1)
    assert sweep().startswith("Marked 5 listings as expired, ")
    assert {status for _, status in rows(STATES)} == {"expired"}


def test_drafts_of_nobody_go_after_a_week_and_those_of_members_stay(sweep, make, rows):
    drafts = {
        "nobody's, old": make.draft(),
        "nobody's, of yesterday": make.draft(),
        "a member's, old": make.draft(owner_id=make.member().id),
    }
    old = "UPDATE listing_drafts SET updated_at = now() - make_interval(hours => :hours) WHERE id = :id"
    for (name, draft), hours in zip(drafts.items(), (7 * 24 + 1, 7 * 24 - 1, 9000), strict=True):
        assert rows(f"{old} RETURNING id", id=draft.id, hours=hours), name
    assert ", removed 1 old draft, " in sweep()
    left = {draft_id for (draft_id,) in rows("SELECT id FROM listing_drafts")}
    assert left == {draft.id for name, draft in drafts.items() if name != "nobody's, old"}


def test_counters_of_ended_processes_are_folded_and_say_the_same(sweep, make, rows):
    category = make.category()
    for _ in range(3):
        make.listing(category_id=category.id)
    rows("UPDATE category_counts SET slot = 2000000000 RETURNING slot")
    rows("UPDATE content_versions SET slot = 2000000001 RETURNING slot")
    make.listing(category_id=category.id)
    version = rows(VERSION)
    assert sweep().endswith("folded 2 counters.")
    assert rows(COUNTED) == [(category.id, 4, 4)]
    assert rows(VERSION) == version
    ((mine,),) = rows("SELECT pg_backend_pid()")
    assert rows("SELECT slot, entries FROM category_counts ORDER BY slot") == [(0, 3), (mine, 1)]
    # A part that is folded later comes on top.
    rows("UPDATE category_counts SET slot = 2000000000 WHERE slot <> 0 RETURNING slot")
    sweep()
    assert rows("SELECT slot, entries FROM category_counts") == [(0, 4)]


def test_with_nothing_to_do_it_says_so(sweep):
    assert sweep() == (
        "Marked 0 listings as expired, told of 0 ends, removed 0 old drafts, removed 0 old letters, "
        "folded 0 counters."
    )


def test_on_a_database_without_the_tables_it_ends_in_a_sentence(server):
    app = make_app(postgresql.create_database(server, "kula_sweep_empty", "template0"))
    result = app.test_cli_runner().invoke(args=["listings", "sweep"])
    dispose(app)
    postgresql.drop_database(server, "kula_sweep_empty")
    assert result.exit_code == 1
    assert "bring it up to date with `flask db upgrade`" in result.output
    assert "Traceback" not in result.output


@pytest.fixture
def crowded(committing_app):
    """An application with 60 listings whose time is over, in three categories."""
    make = Factories(committing_app)
    owner = make.member()
    for _ in range(3):
        category = make.category()
        for _ in range(20):
            make.listing(owner_id=owner.id, category_id=category.id)
    with committing_app.app_context():
        db.session.execute(text("UPDATE listings SET lifetime_days = 30, expires_at = now()"))
        db.session.commit()
        # Counted by processes that have ended.
        db.session.execute(text("UPDATE category_counts SET slot = 2000000000 + category_id"))
        db.session.execute(text("UPDATE content_versions SET slot = 2000000000"))
        db.session.commit()
    return committing_app


def url_of(app):
    return app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)


def run_sweep(app):
    return app.test_cli_runner().invoke(args=["listings", "sweep"]).output


def test_two_at_once_share_the_work(crowded):
    outputs = []

    def run():
        outputs.append(run_project_command("flask", "listings", "sweep", database_url=url_of(crowded)).stdout)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(int(output.split()[1]) for output in outputs) == 60, outputs
    with crowded.app_context():
        assert set(db.session.scalars(text("SELECT status FROM listings"))) == {"expired"}
        assert {entries for _, entries, _ in db.session.execute(text(COUNTED))} == {0}


def test_it_passes_over_what_somebody_else_is_changing(crowded):
    with connect(url_of(crowded)) as cursor:
        cursor.connection.autocommit = False
        cursor.execute("SELECT id FROM listings ORDER BY id LIMIT 1 FOR UPDATE")
        assert run_sweep(crowded).startswith("Marked 59 listings as expired")
        cursor.connection.rollback()
    assert run_sweep(crowded).startswith("Marked 1 listing as expired")
