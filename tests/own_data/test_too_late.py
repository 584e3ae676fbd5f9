"""Who wants to stay at the very moment of being deleted has come too late, and is told so."""

import threading

import pytest
from sqlalchemy import text

from marketplace.extensions import db
from tests.conftest import new_client
from tests.factories import Factories
from tests.support.postgresql import connect

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture
def member(committing_app):
    member = Factories(committing_app).member()
    with committing_app.app_context():
        db.session.execute(text("UPDATE users SET leaving_at = now() - interval '8 days'"))
        db.session.commit()
    return member


def test_coming_back_while_the_deletion_is_committed(committing_app, member):
    url = committing_app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)
    browser, answers = new_client(committing_app).sign_in(member), []
    with connect(url) as watcher:
        with connect(url) as deleting:
            deleting.execute("BEGIN")
            deleting.execute("DELETE FROM users WHERE id = %s", [member.id])
            stays = threading.Thread(target=lambda: answers.append(browser.submit("/account/leaving")))
            stays.start()
            while stays.is_alive():
                watcher.execute(WAITING)
                if watcher.fetchone() == (1,):
                    break
            deleting.execute("COMMIT")
        stays.join()
    (answer,) = answers
    assert (answer.status_code, answer.location) == (303, "/")
    assert "your account has just been deleted" in browser.get("/").text
    assert browser.get("/account").location.startswith("/login")
