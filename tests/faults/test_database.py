"""The database is away, comes back, hangs, is for reading alone, or takes no more connections.

In each case the site says so with a page, keeps what was committed, and is well again by itself.
"""

import threading
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from marketplace import access
from marketplace.extensions import db
from tests.conftest import new_client
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.support.html import check_page, text_of
from tests.support.postgresql import connect
from tests.support.posting import new_draft_address
from tests.support.site import wait_until

CLOSED = "Kula is closed for a moment"
READ_ONLY = "Nothing can be saved at the moment"
ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


def heading_of(response):
    return text_of(check_page(response.text).find(".//h1"))


def register(client, name="newcomer"):
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    return client.submit("/register", account)


def usernames(url):
    with connect(url) as cursor:
        cursor.execute("SELECT username FROM users ORDER BY username")
        return [name for (name,) in cursor.fetchall()]


def add_sleeping_page(app):
    @app.route("/sleep", methods=["GET", "POST"])
    @access.public
    def sleep():
        db.session.execute(text("SELECT pg_sleep(600)"))
        return ""


def test_a_stopped_database_is_told_and_nothing_committed_is_lost(make_site, own_server, database):
    app = make_site()
    client = new_client(app)
    assert register(client, "before").status_code == 303
    own_server.handle.stop()
    try:
        for answer in (client.get("/"), client.get("/my/listings"), register(new_client(app), "meanwhile")):
            assert (answer.status_code, heading_of(answer)) == (503, CLOSED)
            assert answer.headers["Retry-After"] == "30"
            assert answer.headers["X-Request-ID"] in answer.text
        assert client.get("/static/css/tokens.css").status_code == 200
    finally:
        own_server.handle.start()
    # At once, with the same session, and by the same process.
    assert client.get("/my/listings").status_code == 200
    assert register(new_client(app), "afterwards").status_code == 303
    assert usernames(database) == ["afterwards", "before"]


def test_a_restart_between_requests_is_noticed_by_nobody(make_site, own_server, database):
    app = make_site()
    member = Factories(app).member()
    client = new_client(app).sign_in(member)
    for _ in range(2):
        assert client.get("/my/listings").status_code == 200
        assert client.submit(new_draft_address(), {"title": "Tools"}).status_code == 303
        own_server.handle.stop()
        own_server.handle.start()
    assert client.get("/my/listings?tab=drafts").text.count("Tools") >= 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_restart_costs_the_requests_under_way_alone(method, make_site, own_server, database):
    app = make_site(STATEMENT_TIMEOUT_MS=0, WTF_CSRF_ENABLED=False)
    add_sleeping_page(app)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(new_client(app).open("/sleep", method=method)))
    thread.start()
    with connect(database) as cursor:
        wait_until(lambda: cursor.execute(ASLEEP) or cursor.fetchone() == (1,), "the request is under way")
    own_server.handle.stop()
    thread.join()
    own_server.handle.start()
    assert [answer.status_code for answer in answers] == [503]
    assert new_client(app).get("/").status_code == 200
    assert register(new_client(app)).status_code == 303


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_statement_that_takes_too_long_is_given_up(method, make_site):
    app = make_site(STATEMENT_TIMEOUT_MS=200, WTF_CSRF_ENABLED=False)
    add_sleeping_page(app)
    answer = new_client(app).open("/sleep", method=method)
    assert (answer.status_code, heading_of(answer)) == (503, CLOSED)
    # The connection that it was on is as good as before.
    assert new_client(app).get("/").status_code == 200


def test_a_lock_is_not_waited_for_for_ever(make_site, database):
    app = make_site(LOCK_TIMEOUT_MS=200)
    client = new_client(app)
    with connect(database) as cursor:
        cursor.execute("BEGIN; LOCK TABLE users, categories IN ACCESS EXCLUSIVE MODE")
        for answer in (client.get("/"), register(client)):
            assert (answer.status_code, heading_of(answer)) == (503, CLOSED)
        cursor.execute("ROLLBACK")
    assert client.get("/").status_code == 200
    assert register(client).status_code == 303


def test_commands_take_their_time(make_site):
    app = make_site(STATEMENT_TIMEOUT_MS=100)
    with app.app_context():
        db.session.execute(text("SELECT pg_sleep(0.3)"))
        assert db.session.scalar(text("SHOW statement_timeout")) == "0"


def test_a_database_for_reading_alone_is_read(make_site, database, own_server):
    app = make_site()
    make = Factories(app)
    member = make.member()
    listing = make.listing(owner_id=member.id, title="Tools of mine")
    client = new_client(app).sign_in(member)
    alter = "ALTER DATABASE kula_faults {} default_transaction_read_only"
    with connect(own_server.url) as cursor:
        cursor.execute(f"{alter.format('SET')} = on")
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    for path in ("/", f"/listings/{listing.id}", "/search?q=tools", "/my/listings", "/my/saved"):
        for browser in (client, new_client(app)):
            assert browser.get(path).status_code in (200, 303), path
    log_in = {"username": member.username, "password": PASSWORD}
    for answer in (
        client.submit(new_draft_address(), {"title": "A draft"}),
        client.submit(f"/listings/{listing.id}/archive"),
        new_client(app).submit("/login", log_in),
        register(new_client(app)),
    ):
        assert (answer.status_code, heading_of(answer)) == (503, READ_ONLY)
        assert "what you typed is not lost" in answer.text
        assert answer.headers["Retry-After"] == "30"
    with connect(own_server.url) as cursor:
        cursor.execute(alter.format("RESET"))
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    assert client.submit(f"/listings/{listing.id}/archive").status_code == 303


def test_a_server_without_a_connection_to_spare_is_told(make_site, own_server, database):
    with connect(own_server.url) as cursor:
        cursor.execute("CREATE ROLE guest LOGIN")
        cursor.execute("GRANT pg_read_all_data, pg_write_all_data TO guest")
        cursor.execute("ALTER ROLE guest CONNECTION LIMIT 0")
    app = make_site(SQLALCHEMY_DATABASE_URI=database.replace("postgres:", "guest:", 1))
    client = new_client(app)
    for answer in (client.get("/"), register(client)):
        assert (answer.status_code, heading_of(answer)) == (503, CLOSED)
    with connect(own_server.url) as cursor:
        cursor.execute("ALTER ROLE guest CONNECTION LIMIT -1")
    assert client.get("/").status_code == 200
    assert register(client).status_code == 303


def test_a_full_pool_is_told_soon_and_recovers(make_site):
    options = {"pool_size": 1, "max_overflow": 1, "pool_timeout": 0.1, "hide_parameters": True}
    app = make_site(SQLALCHEMY_ENGINE_OPTIONS=options)
    client = new_client(app)
    assert client.get("/").status_code == 200
    with ExitStack() as held, app.app_context():
        for engine in db.engines.values():
            for _ in range(2):
                held.enter_context(engine.connect())
        for answer in (client.get("/search?q=drill"), register(client)):
            assert (answer.status_code, heading_of(answer)) == (503, CLOSED)
            assert answer.headers["Retry-After"] == "5"
    assert client.get("/search?q=drill").status_code == 200
    assert register(client).status_code == 303
