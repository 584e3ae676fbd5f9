"""A database with swaps in every state goes down to each revision since there were swaps, and up again."""

import json
from itertools import product

import pytest

from marketplace.exchanges.models import STATES as SWAP_STATES
from tests.conftest import dispose, make_app, new_client
from tests.migrations.swaps import Play
from tests.support.catalogue import read_catalogue
from tests.support.operator import CHAIN, HEAD, Operator
from tests.support.postgresql import connect, create_database, drop_database
from tests.support.rows import read_rows

BEFORE_SWAPS = "0037_former_category_paths"
# Below these a part of what is about swaps goes, as their docstrings say.
REPORTED_WORDS = CHAIN.index("0056_reported_words")
TARGETS = CHAIN[CHAIN.index(BEFORE_SWAPS) : -1]
# Where the quick tests go: before all of it, to its first table, and into its middle.
QUICK = {BEFORE_SWAPS, "0038_exchanges", "0051_reminders_indexes"}


@pytest.fixture(scope="module")
def played(server, worker_id_or_main):
    """The name of a database with swaps in every state, what was played there, and its rows."""
    name = f"kula_{worker_id_or_main}_swaps"
    url = create_database(server, name)
    app = make_app(url)
    play = Play(app)
    dispose(app)
    yield name, play, read_rows(url), read_catalogue(url)
    drop_database(server, name)


@pytest.fixture
def operator(played, make_database):
    """Somebody with a copy of that database."""
    app = make_app(make_database(played[0]))
    yield Operator(app)
    dispose(app)


def kept(rows, target):
    """What is to come back of the rows from a target: all that the attic keeps."""
    found = {table: [json.loads(line) for line in lines] for table, lines in rows.items()}
    if CHAIN.index(target) < REPORTED_WORDS:
        known = [row for row in found["report_cases"] if row["kind"] not in ("message", "review")]
        lost = {row["id"] for row in found["report_cases"]} - {row["id"] for row in known}
        found["report_cases"] = known
        found["reports"] = [row for row in found["reports"] if row["case_id"] not in lost]
    # Counts up with each change of listings and holds.
    del found["content_versions"]
    return {table: sorted(map(repr, parsed)) for table, parsed in found.items()}


def test_every_state_is_there(played):
    _, play, rows, _ = played
    assert set(play.made.values()) == set(SWAP_STATES)
    tables = [table for table in rows if table.startswith("exchange")]
    assert all(rows[table] for table in (*tables, "notifications", "outbox", "reports"))


@pytest.mark.parametrize(
    "target", [pytest.param(each, marks=[] if each in QUICK else [pytest.mark.soak]) for each in TARGETS]
)
def test_what_a_revision_knows_of_swaps_comes_back_and_is_shown(target, operator, played):
    _, play, rows, catalogue = played
    operator.must("downgrade", target)
    operator.must("upgrade", "head")
    assert operator.current() == HEAD
    assert read_catalogue(operator.url) == catalogue
    assert kept(read_rows(operator.url), HEAD) == kept(rows, target)
    look_at_all(operator.app, play)


def look_at_all(app, play):
    """See each page that shows one of the swaps, and let the site do what is due."""
    browsers = {each.id: new_client(app).sign_in(each) for each in (play.ama, play.boa, play.moderator)}
    for exchange_id, state in play.made.items():
        for member in (play.ama, play.boa):
            browser = browsers[member.id]
            browser.page(f"/swaps/{exchange_id}")
            if state in ("accepted", "lent", "disputed", "completed", "cancelled", "closed"):
                browser.page(f"/swaps/{exchange_id}/sheet")
        if state == "disputed":
            browsers[play.moderator.id].page(f"/moderation/swaps/{exchange_id}")
            page = browsers[play.moderator.id].get("/moderation/swaps").text
            assert f'href="/moderation/swaps/{exchange_id}"' in page
    for member, path in product((play.ama, play.boa), ("/notifications", "/members/ama", "/members/boa")):
        browsers[member.id].page(path)
    for tab in ("for_you", "for_other", "under_way", "ended"):
        browsers[play.ama.id].page(f"/swaps?tab={tab}")
    with connect(app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)) as cursor:
        cursor.execute("SELECT id FROM listings WHERE status = 'active' ORDER BY id")
        for (listing_id,) in cursor.fetchall():
            browsers[play.moderator.id].page(f"/listings/{listing_id}")
    result = app.test_cli_runner().invoke(args=["swaps", "remind"])
    assert result.exit_code == 0, result.output
