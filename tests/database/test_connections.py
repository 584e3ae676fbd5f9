"""Connections: a page that only reads holds no transaction, and closed connections are replaced unseen."""

import pytest
from sqlalchemy import func, select, text

from marketplace import access
from marketplace.extensions import db
from tests.conftest import new_client
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
