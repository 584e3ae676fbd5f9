"""What is new in one letter a day, in the member's morning: once, whatever the sender did meanwhile."""

import threading
from datetime import timedelta

import pytest

from marketplace import clock
from marketplace.extensions import db
from marketplace.mail import writers
from marketplace.notifications import actions, digests
from tests.factories import Factories
from tests.notifications.conftest import NOON
from tests.support.notifications import register_kinds
from tests.support.statements import recorded_statements

LETTERS = (
    "SELECT member_id, address, subject, text, html FROM outbox"
    " WHERE name = 'notification_digest' ORDER BY id"
)
# Eight on the day after.
MORNING = NOON + timedelta(hours=20)
DAY = timedelta(days=1)


@pytest.fixture
def member(make):
    member = make.member(username="wairisi")
    make.letters_chosen(member)
    return member


def test_what_happened_comes_together_in_the_morning(member, tell, send, rows, at):
    for thing in ("A drill", "A <saw>"):
        tell(member, thing=thing)
    for moment in (NOON, MORNING - timedelta(seconds=1)):
        at(moment)
        send()
        assert rows(LETTERS) == []
    at(MORNING)
    send()
    # The letter is sent as well, in the same round.
    ((_, address, subject, *_),) = rows(LETTERS)
    assert (address, subject) == (member.email, "2 things are new on Kula")
    assert rows("SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL") == [(1,)]
    send()
    assert len(rows(LETTERS)) == 1


def test_it_says_each_thing_with_its_link_the_newest_first(app, member, tell, rows, at, connection):
    for hour, thing in enumerate(("A drill", "A <saw>")):
        at(NOON + timedelta(hours=hour))
        tell(member, thing=thing, item_id=hour + 1)
    at(MORNING)
    write(app)
    (letter,) = rows(LETTERS)
    told = [line for line in letter.text.split("\n") if line.startswith(("A former", "http"))]
    assert told[:4] == [
        "A former member has something for you: “A <saw>”.",
        "http://localhost:8000/items/2#more",
        "A former member has something for you: “A drill”.",
        "http://localhost:8000/items/1#more",
    ]
    assert "“<bdi>A &lt;saw&gt;</bdi>”" in letter.html
    assert "\n\n\n" not in letter.text


def test_one_thing_is_one_thing(app, member, tell, rows, at):
    tell(member)
    at(MORNING)
    write(app)
    assert rows(LETTERS)[0].subject == "One thing is new on Kula"


def test_after_a_week_without_a_sender_one_letter_comes(app, member, tell, rows, at):
    for day in range(7):
        at(NOON + day * DAY)
        tell(member)
    at(NOON + 7 * DAY)
    write(app)
    (letter,) = rows(LETTERS)
    assert letter.subject == "7 things are new on Kula"
    # The next comes with the next morning, and only if there is something to say.
    write(app)
    at(MORNING + 7 * DAY)
    write(app)
    assert len(rows(LETTERS)) == 1
    tell(member)
    at(MORNING + 8 * DAY)
    write(app)
    assert [row.subject for row in rows(LETTERS)] == ["7 things are new on Kula", "One thing is new on Kula"]


def test_the_morning_is_the_members(app, make, member, tell, rows, at):
    make.profile(member, time_zone="Asia/Tokyo")
    tell(member)
    at(NOON + timedelta(hours=10, minutes=59))
    write(app)
    assert rows(LETTERS) == []
    at(NOON + timedelta(hours=11))
    write(app)
    assert len(rows(LETTERS)) == 1


def test_what_was_read_or_is_not_wanted_any_more_is_not_in_it(app, make, member, tell, rows, at, browser_of):
    tell(member, thing="Read")
    tell(member, "seen", thing="Unwanted")
    tell(member, thing="Unread")
    ((first,),) = rows("SELECT min(id) FROM notifications")
    browser_of(member).submit(f"/notifications/{first}/open")
    make.unsubscribed(member, "seen")
    at(MORNING)
    write(app)
    (letter,) = rows(LETTERS)
    assert letter.subject == "One thing is new on Kula"
    assert "“Unread”" in letter.text
    # Nor later, when it is wanted again.
    rows("DELETE FROM unsubscribed_topics RETURNING topic")
    at(MORNING + DAY)
    write(app)
    assert len(rows(LETTERS)) == 1


def test_a_day_with_nothing_left_to_tell_has_no_letter(app, make, member, tell, rows, at):
    tell(member)
    make.unsubscribed(member, "told")
    at(MORNING)
    write(app)
    assert rows(LETTERS) == []
    assert rows("SELECT count(*) FROM notifications WHERE mailed_at IS NULL") == [(0,)]


def test_a_long_day_is_cut_and_leads_to_the_site(app, member, tell, rows, at):
    for _ in range(digests.TOLD_MAXIMUM + 2):
        tell(member)
    at(MORNING)
    write(app)
    (letter,) = rows(LETTERS)
    assert letter.subject == "52 things are new on Kula"
    assert letter.text.count("/items/7#more") == digests.TOLD_MAXIMUM
    assert "There is more under “Notifications”:\nhttp://localhost:8000/notifications\n" in letter.text


def test_each_member_gets_their_own_with_a_fixed_number_of_statements(app, make, tell, rows, at):
    counts = []
    for members in (1, 5):
        at(NOON)
        for _ in range(members):
            told = make.member()
            tell(told, "seen", thing=told.username)
        at(MORNING)
        with app.app_context(), recorded_statements() as statements:
            assert digests.write_digests() == members
            db.session.commit()
        counts.append(len([each for each in statements if not each.startswith("INSERT INTO outbox")]))
    assert counts == [4, 4]
    assert all(row.text.count("Somebody looked at") == 1 for row in rows(LETTERS))
    assert len({row.address for row in rows(LETTERS)}) == 6


def test_more_members_than_one_batch_all_get_theirs(app, make, tell, rows, at, monkeypatch):
    monkeypatch.setattr(digests, "MEMBERS_AT_ONCE", 2)
    for _ in range(5):
        tell(make.member(), "seen")
    at(MORNING)
    write(app)
    assert len(rows(LETTERS)) == 5


def test_a_mistake_in_writing_holds_up_no_letter_that_is_there(app, make, send, monkeypatch, caplog):
    make.letter()
    monkeypatch.setitem(app.extensions, "letter_writers", [lambda: 1 // 0])
    assert send().startswith("Sent 1 letter;")
    assert "Letters that are due cannot be written." in caplog.text


def test_a_kind_that_this_release_does_not_know_is_no_mistake(app, member, tell, rows, at):
    tell(member)
    rows("UPDATE notifications SET kind = 'odd' RETURNING id")
    at(MORNING)
    write(app)
    assert "There is something new for you.\nhttp://localhost:8000/notifications\n" in rows(LETTERS)[0].text


def test_several_senders_at_once_write_it_once(committing_app, monkeypatch):
    register_kinds(committing_app, monkeypatch)
    make = Factories(committing_app)
    members = [make.member() for _ in range(5)]
    with committing_app.app_context():
        for member in members:
            for once in ("x", "y"):
                actions.notify(member.id, "seen", once=once, at=NOON, thing="A drill")
        db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: MORNING)
    barrier = threading.Barrier(4)

    def work():
        with committing_app.app_context():
            barrier.wait()
            writers.write_due()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committing_app.app_context():
        found = db.session.execute(db.text("SELECT member_id, subject FROM outbox")).all()
    assert sorted(found) == sorted((member.id, "2 things are new on Kula") for member in members)


def write(app):
    with app.app_context():
        writers.write_due()
