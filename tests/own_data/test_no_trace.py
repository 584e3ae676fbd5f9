"""After a member is deleted no table has a trace of them: neither number, name, address nor words."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from marketplace.audit.actions import record
from marketplace.extensions import db
from tests.factories import Factories
from tests.support.catalogue import foreign_keys, table_names

NUMBER = 987_654_321
NAME = "Xanthippe"
WORDS = "quincunx"
TRACES = (str(NUMBER), NAME.lower(), WORDS)
# What the things of a swap were called is the other side's to know as well.
THINGS = ("exchange_items", "notifications", "outbox")
# The log of what moderators did is never changed; it knows members by number, and has no names.
LOG = "audit_log"


def url_of(app):
    return app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)


def run(app, *arguments):
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def execute(app, statement, **values):
    with app.app_context():
        db.session.execute(text(statement), values)
        db.session.commit()


def traces(app):
    """The names of the tables with a trace of the member in any column, by kind of trace."""
    found = {}
    with app.app_context():
        for table in sorted(table_names(url_of(app))):
            rows = db.session.scalars(text(f"SELECT lower(row::text) FROM {table} AS row"))
            kinds = {trace for row in rows for trace in TRACES if trace in row}
            if kinds:
                found[table] = kinds
    return found


@pytest.fixture
def member(committing_app):
    """A member with a row of every kind, who asked a week ago to be deleted."""
    app, make = committing_app, Factories(committing_app)
    other = make.member()
    execute(app, f"ALTER TABLE users ALTER COLUMN id RESTART WITH {NUMBER}")
    member = make.moderator(username=NAME, email=f"{NAME}@example.org")
    assert member.id == NUMBER
    item = {"name": f"A {WORDS}", "description": WORDS}
    mine = make.listing(owner_id=NUMBER, title=f"My {WORDS}", description=WORDS, area=WORDS, items=[item])
    with app.app_context():
        ((item_id,),) = db.session.execute(text("SELECT id FROM listing_items"))
    theirs = make.listing(owner_id=other.id, title="Oars")
    draft = make.draft({"title": WORDS}, owner_id=NUMBER)
    for place in ({"item_id": item_id}, {"draft_id": draft.id}, {}):
        make.picture(owner_id=NUMBER, alt=f"{WORDS} by {NAME}", **place)
    make.watched(member, theirs)
    make.watched(other, mine)
    make.saved_search(member, name=WORDS, query=f"q={WORDS}")
    make.letter(member_id=NUMBER, address=member.email, text=WORDS)
    make.unsubscribed(member)
    make.notification(member, details={"thing": WORDS})
    make.notification(other, by_id=NUMBER)
    make.letters_chosen(member)
    make.device(member, browser=WORDS)
    make.second_factor(member)
    make.profile(member, about=f"{WORDS}, says {NAME}", area=WORDS)
    make.block(member, other)
    make.block(other, member)
    make.case(mine, reporter=other)
    decided = {"decision": "dismiss", "decided_at": datetime.now(UTC), "decided_by": NUMBER}
    case = make.case(theirs, **decided)
    make.report(case, member, words=f"{WORDS}, says {NAME}")
    make.measure(member, listing_id=mine.id, name=WORDS)
    thing = make.item(mine, name=f"Another {WORDS}")
    swap = make.exchange(
        member,
        other,
        [thing],
        state="accepted",
        note=f"{WORDS}, says {NAME}",
        proposer_handed_at=mine.created_at,
        handover_place=f"{WORDS}, at {NAME}'s",
        handover_at=mine.created_at,
    )
    make.dispute(swap, words=f"{WORDS}, says {NAME}")
    for table, side in (("exchange_messages", "author"), ("exchange_reviews", "side")):
        thumbs = ", thumbs" if table == "exchange_reviews" else ""
        execute(
            app,
            f"INSERT INTO {table} (exchange_id, {side}, words{thumbs})"
            f" VALUES (:id, 'proposer', :words{', :thumbs' if thumbs else ''})",
            id=swap.id,
            words=f"{WORDS}, says {NAME}",
            thumbs="good",
        )
    make.review(swap, side="receiver", words="")
    make.exchange(other, member, [], state="declined", reason=f"{WORDS}, says {NAME}")
    make.measure(other, case_id=case.id, decided_by=NUMBER)
    with app.app_context():
        record(NUMBER, "dismiss", "listing", theirs.id, member_id=other.id)
        db.session.commit()
    run(app, "search", "refresh-words")
    execute(app, "UPDATE users SET leaving_at = now() - interval '8 days' WHERE id = :id", id=NUMBER)
    return member


def test_nothing_of_a_deleted_member_is_left_in_any_table(committing_app, member):
    app = committing_app
    before = traces(app)
    referring = {mine for mine, _, theirs, _ in foreign_keys(url_of(app)) if theirs == "users"}
    assert referring <= before.keys(), f"give the member rows in {sorted(referring - before.keys())}"
    assert {"search_entries", "search_words", LOG, "reports", "pictures"} <= before.keys()

    assert run(app, "members", "purge").startswith("Deleted 1 member ")
    # What is still to be done: the last letter, what the other side is told of their swap, and the words that
    # others' searches are corrected by.
    kept = {LOG: {str(NUMBER)}, **{table: {WORDS} for table in THINGS}}
    assert traces(app) == {**kept, "outbox": {NAME.lower(), WORDS}, "search_words": {WORDS}}

    execute(app, "UPDATE outbox SET sent_at = now(), text = NULL, html = NULL WHERE sent_at IS NULL")
    run(app, "members", "purge")
    run(app, "search", "refresh-words")
    assert traces(app) == kept


def test_the_name_and_the_address_may_be_taken_again(committing_app, member):
    run(committing_app, "members", "purge")
    again = Factories(committing_app).member(username=NAME, email=member.email)
    assert again.id != NUMBER
