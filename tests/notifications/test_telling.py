"""Members are told once of each thing, on the site always, and by letter as they want."""

import threading
from datetime import timedelta

import pytest

from marketplace.extensions import db
from marketplace.notifications import actions
from tests.factories import Factories
from tests.notifications.conftest import NOON
from tests.support.mail import mail_server
from tests.support.notifications import register_kinds
from tests.support.statements import recorded_statements

TOLD = "SELECT member_id, kind, once, by_id, details, created_at FROM notifications ORDER BY id"
LETTERS = "SELECT name, member_id, address, subject, text, html FROM outbox ORDER BY id"


def test_what_happens_is_noted_with_all_that_its_sentence_needs(make, tell, rows):
    member, other = make.member(), make.member()
    assert tell(member, once="swap 7", by_id=other.id, thing="A drill", item_id=3)
    details = {"thing": "A drill", "item_id": 3}
    assert rows(TOLD) == [(member.id, "told", "swap 7", other.id, details, NOON)]


def test_the_same_thing_is_told_once_to_each(make, tell, rows):
    member, other = make.member(), make.member()
    assert [tell(who, once="swap 7") for who in (member, member, other)] == [True, False, True]
    assert [row.member_id for row in rows(TOLD)] == [member.id, other.id]
    assert [row.member_id for row in rows(LETTERS)] == [member.id, other.id]


def test_who_has_left_is_told_nothing(make, tell, rows):
    member = make.member()
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=member.id)
    assert not tell(member)
    assert rows(TOLD) == []


def test_a_kind_that_nobody_registered_is_a_mistake(make, tell):
    with pytest.raises(KeyError):
        tell(make.member(), "unheard of")


def test_what_is_rolled_back_did_not_happen(app, make, connection, rows, at):
    member = make.member()
    with app.app_context():
        actions.notify(member.id, "told", once="x", at=NOON, thing="A drill", item_id=7)
        db.session.rollback()
    assert rows(TOLD) == rows(LETTERS) == []


def test_the_letter_says_it_with_a_link_and_the_way_to_stop(make, tell, rows):
    member = make.member(username="wairisi")
    tell(member, by_id=make.member(username="kanaho").id, thing="<b>Drill</b>\r\nBcc: a@example.org")
    (letter,) = rows(LETTERS)
    said = "kanaho has something for you: “<b>Drill</b> Bcc: a@example.org”."
    assert (letter.name, letter.address, letter.subject) == ("told", member.email, said)
    assert letter.text.startswith(f"Hello wairisi,\n\n{said}\n\nhttp://localhost:8000/items/7#more\n")
    assert "<bdi>kanaho</bdi> has something for you: “<bdi>&lt;b&gt;Drill&lt;/b&gt;" in letter.html
    assert "/unsubscribe/" in letter.text
    assert "/unsubscribe/" in letter.html


def test_the_letter_reaches_the_mail_server_with_one_click_to_stop_it(app, make, tell, send, monkeypatch):
    with mail_server() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        tell(make.member())
        assert send().startswith("Sent 1 letter;")
    (message,) = server.messages
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_who_did_it_is_named_for_as_long_as_they_are_there(make, tell, browser_of, rows):
    member, other = make.member(), make.member(username="kanaho")
    tell(member, by_id=other.id)
    browser = browser_of(member)
    assert "<bdi>kanaho</bdi> has something" in browser.get("/notifications").text
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=other.id)
    assert "<bdi>A former member</bdi> has something" in browser.get("/notifications").text


@pytest.mark.parametrize(
    "values", [{"is_active": False}, {"email_verified_at": None}, {"leaving_at": NOON}], ids=str
)
@pytest.mark.parametrize("kind", ["told", "seen"])
def test_letters_go_to_nobody_whose_address_is_not_proved_or_who_goes(
    kind, values, make, tell, send, rows, at
):
    tell(make.member(**values), kind)
    at(NOON + timedelta(days=2))
    send()
    assert len(rows(TOLD)) == 1
    assert rows(LETTERS) == []


@pytest.mark.parametrize("letters", ["at_once", "daily"])
def test_telling_takes_a_fixed_number_of_statements(letters, app, make, connection, at):
    member, other = make.member(), make.member()
    make.letters_chosen(member, letters=letters)
    counts = []
    for number in range(3):
        with app.app_context(), recorded_statements() as statements:
            values = {"once": f"x {number}", "at": NOON, "by_id": other.id, "thing": "", "item_id": 1}
            actions.notify(member.id, "told", **values)
            db.session.commit()
        counts.append(len(statements))
    assert counts == [{"at_once": 4, "daily": 2}[letters]] * 3


def test_two_at_the_same_moment_tell_once(committing_app, monkeypatch):
    register_kinds(committing_app, monkeypatch)
    member = Factories(committing_app).member()
    said, barrier = [], threading.Barrier(4)

    def tell_now():
        with committing_app.app_context():
            barrier.wait()
            said.append(actions.notify(member.id, "told", once="x", at=NOON, thing="A drill", item_id=7))
            db.session.commit()

    threads = [threading.Thread(target=tell_now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False, False, False, True]


def test_old_ones_are_removed_after_half_a_year(app, make, tell, rows, at):
    member = make.member()
    for days in (0, 1, 2):
        at(NOON + timedelta(days=days))
        tell(member, once=f"day {days}")
    at(NOON + timedelta(days=181, seconds=1))
    result = app.test_cli_runner().invoke(args=["listings", "sweep"])
    assert result.exit_code == 0, result.output
    assert [row.once for row in rows(TOLD)] == ["day 2"]
