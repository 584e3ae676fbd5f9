"""Connections: a page that only reads holds no transaction, and closed connections are replaced unseen."""

from contextlib import ExitStack

import pytest
from sqlalchemy import event, func, select, text

from marketplace import access
from marketplace.database.connections import READING
from marketplace.extensions import db
from marketplace.serve import THREADS
from tests.conftest import new_client
from tests.factories import Factories
from tests.support.postgresql import connect

STATES = "SELECT state FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"


@pytest.fixture
def look(committing_app):
    """Asks for a page that reads, by GET or POST, and returns what its connections were doing meanwhile."""
    url = committing_app.config["SQLALCHEMY_DATABASE_URI"].set(drivername="postgresql")
    states = []

    @committing_app.route("/look", methods=["GET", "POST"])
    @access.public
    def view():
        db.session.execute(select(func.now()))
        with connect(url.render_as_string(hide_password=False)) as cursor:
            cursor.execute(STATES)
            states[:] = [state for (state,) in cursor.fetchall()]
        return "", 303

    committing_app.config["WTF_CSRF_ENABLED"] = False
    client = new_client(committing_app)

    def ask(method):
        assert client.open("/look", method=method).status_code == 303
        return states

    return ask


def test_a_page_that_reads_holds_no_transaction(look):
    assert "idle in transaction" not in look("GET")


def test_a_request_that_may_write_is_one_transaction(look):
    assert "idle in transaction" in look("POST")


def test_the_connections_of_all_threads_stay_open(committing_app):
    """Each thread has two at a time: the session's, and the one on which the version is read."""

    def numbers_of_all():
        with ExitStack() as held, committing_app.app_context():
            used = [held.enter_context(db.engines[READING].connect()) for _ in range(2 * THREADS)]
            return {connection.connection.dbapi_connection.get_backend_pid() for connection in used}

    assert numbers_of_all() == numbers_of_all()


def test_a_page_that_is_kept_takes_a_member_one_connection(committing_app):
    """Who looks, and the version of what is shown, are asked for together."""
    with committing_app.app_context():
        member = Factories(committing_app).member()
        browser = new_client(committing_app).sign_in(member)
        used: list[int] = []
        event.listen(db.engines[READING], "checkout", lambda *_: used.append(1))
    browser.get("/")
    used.clear()
    assert browser.get("/").status_code == 200
    assert used == [1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_connections_that_the_server_closed_are_replaced_unseen(method, look, committing_app):
    look(method)
    url = committing_app.config["SQLALCHEMY_DATABASE_URI"].set(drivername="postgresql")
    with connect(url.render_as_string(hide_password=False)) as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        assert cursor.fetchall()
    look(method)


def test_a_connection_with_a_message_waiting_is_kept(committing_app):
    with committing_app.app_context():
        with db.engine.connect() as connection:
            connection.execute(text("LISTEN news"))
            connection.commit()
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with connect(str(db.engine.url.set(drivername="postgresql"))) as cursor:
            cursor.execute("NOTIFY news")
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) == pid
