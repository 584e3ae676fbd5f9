"""`flask members purge`: a week later nothing is left of a member, whatever goes wrong meanwhile."""

import logging
import os

import pytest

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.own_data import actions
from tests.conftest import dispose, make_app
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.own_data.conftest import ADDRESS, NAME, NOT_OURS, WORD
from tests.support.postgresql import connect

PASS_A_WEEK = "UPDATE users SET leaving_at = now() - interval '7 days' WHERE id = :id RETURNING id"
COLUMNS = """
    SELECT namespace.nspname, class.relname, attribute.attname
    FROM pg_attribute AS attribute
    JOIN pg_class AS class ON class.oid = attribute.attrelid
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p', 'm') AND attribute.attnum > 0 AND NOT attribute.attisdropped
    AND namespace.nspname NOT LIKE 'pg\\_%' AND namespace.nspname <> 'information_schema'
    ORDER BY 1, 2, 3
"""
# What has a trace of the member before.
SEEN = {
    "users.username",
    "users.email",
    "username_skeletons.skeleton",
    "listings.title",
    "listings.description",
    "listings.area",
    "listing_items.name",
    "listing_items.description",
    "listing_drafts.form",
    "pictures.alt",
    "profiles.about",
    "profiles.area",
    "search_entries.document",
    "search_words.word",
    "search_words.fragments",
    "saved_searches.name",
    "saved_searches.query",
    "report_cases.name",
    "reports.words",
    "measures.name",
    "notifications.details",
    "outbox.address",
    "outbox.subject",
    "outbox.text",
    "exchange_versions.note",
    "exchange_items.name",
    "exchange_disputes.words",
    "exchange_messages.words",
    "exchange_reviews.words",
}
# What the things of a swap were called is the other side's to know as well.
KEPT = {"exchange_items.name", "notifications.details"}


@pytest.fixture
def flask(app, connection):
    def run(*words):
        result = app.test_cli_runner().invoke(args=words)
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


@pytest.fixture
def left(belongings, member, app, rows):
    """The member, who has asked to leave a week ago."""
    leave(app, member.id)
    rows(PASS_A_WEEK, id=member.id)
    return member


def leave(app, member_id):
    with app.test_request_context(method="POST"):
        assert actions.leave(db.session.get(User, member_id), PASSWORD)
        db.session.commit()


def traces(rows):
    """Say in which columns of which tables there is anything of the member's name, address or words."""
    ((looks_like,),) = rows("SELECT username_skeleton(:name)", name=NAME)
    words = "|".join([WORD, NAME, looks_like, ADDRESS, "letters-to"])
    return {
        f"{table}.{column}"
        for schema, table, column in rows(COLUMNS)
        if rows(f"""SELECT FROM "{schema}"."{table}" WHERE "{column}"::text ~* :words LIMIT 1""", words=words)
    }


def send_all(rows):
    rows("UPDATE outbox SET sent_at = now(), text = NULL, html = NULL WHERE sent_at IS NULL RETURNING id")


def test_no_trace_is_left_of_the_member(belongings, member, app, flask, rows, media_folder):
    flask("search", "refresh-words")
    assert traces(rows) == SEEN
    leave(app, member.id)
    # As every night of the week.
    flask("search", "refresh-words")
    rows(PASS_A_WEEK, id=member.id)
    assert flask("members", "purge") == "Deleted 1 member who asked to leave a week ago."
    # The last letter is on its way.
    assert traces(rows) == KEPT | {"outbox.address", "outbox.text", "outbox.html"}
    send_all(rows)
    assert flask("members", "purge") == "Deleted 0 members who asked to leave a week ago."
    assert traces(rows) == KEPT
    assert sorted(folder.name for folder in media_folder.glob("??/*")) == ["d4" * 16]


def test_a_purge_names_the_attic_while_something_lies_in_it(left, flask, connection):
    for statement in ("SCHEMA attic", "TABLE attic.kept (id int)", "TABLE attic.copy (name text)"):
        connection.exec_driver_sql(f"CREATE {statement}")
    said = flask("members", "purge").splitlines()
    assert said[1:] == ["What migrations dropped before may have rows of theirs: flask db attic --empty"]
    # Nobody was deleted this time.
    assert len(flask("members", "purge").splitlines()) == 1


def test_what_is_of_others_stays(left, other, flask, rows):
    flask("members", "purge")
    assert rows("SELECT title, owner_id FROM listings") == [(f"Two {NOT_OURS}", other.id)]
    assert rows("SELECT reason, words FROM reports WHERE reporter_id IS NULL") == [("spam", "")]
    for table in ("listing_items", "listing_drafts", "pictures", "saved_searches", "measures"):
        assert rows(f"SELECT count(*) FROM {table}") == [(1,)], table


def test_the_log_keeps_numbers_alone(belongings, member, app, make, browser_of, flask, rows):
    ((case_id,),) = rows("SELECT id FROM report_cases WHERE listing_id = :id", id=belongings.id)
    decided = {"decision": "hide", "reason": "It breaks the rules.", "version": "0"}
    moderator = make.moderator()
    assert browser_of(moderator).submit(f"/moderation/cases/{case_id}", decided).status_code == 303
    leave(app, member.id)
    rows(PASS_A_WEEK, id=member.id)
    flask("members", "purge")
    send_all(rows)
    flask("members", "purge")
    assert rows("SELECT member_id, object_id, reason FROM audit_log") == [
        (member.id, belongings.id, "It breaks the rules.")
    ]
    assert "search_words.word" not in traces(rows)
    assert not {each for each in traces(rows) if each.startswith("audit_log")}


def test_a_moderator_who_leaves_stays_in_what_was_decided_by_number_only(left, make, app, flask, rows):
    moderator = make.moderator(username="Judge-who-leaves")
    measure = make.measure(make.member(), decided_by=moderator.id)
    leave(app, moderator.id)
    rows(PASS_A_WEEK, id=moderator.id)
    assert flask("members", "purge") == "Deleted 2 members who asked to leave a week ago."
    assert rows("SELECT decided_by, reason FROM measures WHERE id = :id", id=measure.id) == [
        (None, "Be kind.")
    ]


def test_before_the_week_is_over_and_after_coming_back_nobody_is_deleted(
    belongings, member, app, flask, rows
):
    leave(app, member.id)
    rows(
        "UPDATE users SET leaving_at = now() - interval '6 days 23 hours' WHERE id = :id RETURNING id",
        id=member.id,
    )
    assert flask("members", "purge").startswith("Deleted 0 members")
    rows(PASS_A_WEEK, id=member.id)
    with app.test_request_context(method="POST"):
        actions.stay(db.session.get(User, member.id))
        db.session.commit()
    assert flask("members", "purge").startswith("Deleted 0 members")
    assert rows("SELECT count(*) FROM users WHERE id = :id", id=member.id) == [(1,)]


def test_one_last_letter_says_so(left, flask, rows):
    flask("members", "purge")
    assert rows("SELECT address, member_id, subject FROM outbox WHERE name = 'account_gone'") == [
        (ADDRESS, None, "Your Kula account is deleted")
    ]
    assert rows("SELECT count(*) FROM outbox WHERE address = :address", address=ADDRESS) == [(1,)]


def test_files_that_cannot_be_removed_are_left_to_the_sweep(
    left, flask, rows, media_folder, broken_media, caplog
):
    broken_media()
    with caplog.at_level(logging.ERROR):
        assert flask("members", "purge").startswith("Deleted 1 member ")
    assert "A picture cannot be removed" in caplog.text
    assert rows("SELECT key FROM pictures") == [("d4" * 16,)]
    broken_media()
    for folder in media_folder.glob("??/*"):
        os.utime(folder, (0, 0))
    assert flask("media", "sweep").endswith("and 3 strays.")
    assert sorted(folder.name for folder in media_folder.glob("??/*")) == ["d4" * 16]


def test_a_picture_that_somebody_else_shows_keeps_its_files(left, other, make, flask, media_folder):
    make.picture(key="a1" * 16, owner_id=other.id)
    flask("members", "purge")
    assert sorted(folder.name for folder in media_folder.glob("??/*")) == ["a1" * 16, "d4" * 16]


def test_a_purge_that_is_stopped_has_done_nothing_and_the_next_one_does_it(left, app, flask, rows):
    before = traces(rows)
    with app.app_context():
        assert actions.delete_member(left.id) == [key * 16 for key in ("a1", "b2", "c3")]
        db.session.rollback()
    assert traces(rows) == before
    assert flask("members", "purge").startswith("Deleted 1 member ")


def test_purges_beside_each_other_delete_a_member_once(make_database):
    url = make_database()
    app = make_app(url)
    try:
        make = Factories(app)
        members = [make.member() for _ in range(2)]
        for each in members:
            leave(app, each.id)
        with connect(url) as cursor:
            cursor.execute("UPDATE users SET leaving_at = now() - interval '8 days'")
            # Another purge, which is deleting the first one at this moment.
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM users WHERE id = %s FOR UPDATE", (members[0].id,))
            assert purge(app) == "Deleted 1 member who asked to leave a week ago."
            cursor.execute("DELETE FROM users WHERE id = %s", (members[0].id,))
            cursor.execute("COMMIT")
        assert purge(app) == "Deleted 0 members who asked to leave a week ago."
        with connect(url) as cursor:
            cursor.execute("SELECT count(*) FROM users")
            assert cursor.fetchall() == [(0,)]
            cursor.execute("SELECT count(*) FROM outbox WHERE name = 'account_gone'")
            assert cursor.fetchall() == [(1,)]
    finally:
        dispose(app)


def purge(app):
    result = app.test_cli_runner().invoke(args=["members", "purge"])
    assert result.exit_code == 0, result.output
    return result.output.strip()
