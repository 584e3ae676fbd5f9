"""Letters are sent once each, whatever happens to the mail server or to the sender."""

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from marketplace.extensions import db
from marketplace.mail import actions, carriers, sending
from marketplace.mail.rules import CLAIM_LASTS, LONGEST_PAUSE, pause_after
from tests.factories import Factories
from tests.support.killed import run_killed
from tests.support.mail import mail_server
from tests.support.postgresql import ROOT, connect, run_project_command
from tests.support.site import free_port

SENT_ONE = "Sent 1 letter; 0 to be tried again later, 0 given up."
SENT_NONE = "Sent 0 letters; 0 to be tried again later, 0 given up."
LATER = "Sent 0 letters; 1 to be tried again later, 0 given up."
GIVEN_UP = "Sent 0 letters; 0 to be tried again later, 1 given up."
STATE = "SELECT attempts, sent_at IS NOT NULL, failed_at IS NOT NULL, error FROM outbox ORDER BY id"
# As if the pause, or the time that a claim lasts, were over.
NOW_DUE = "UPDATE outbox SET due_at = now() RETURNING id"


def body(message, kind):
    return message.get_body([kind]).get_content().replace("\r\n", "\n")


def test_a_letter_is_sent_with_its_text_and_its_html(write, send, server_of_mail):
    write(title="Überraschung")
    assert send() == SENT_ONE
    assert send() == SENT_NONE
    (message,) = server_of_mail.messages
    assert server_of_mail.recipients == ["ann@example.org"]
    assert message["To"] == "ann@example.org"
    assert message["From"] == "Kula <kula@localhost>"
    assert message["Subject"] == "Your listing “Überraschung” ends in a week"
    assert message["Date"].datetime is not None
    assert message["Message-ID"].endswith("@localhost>")
    assert message["Auto-Submitted"] == "auto-generated"
    text = body(message, "plain")
    assert text.startswith("Hello ann,\n\nYour listing “Überraschung” is shown until 3 May.")
    assert "\nhttp://localhost:8000/listings/7\n" in text
    assert '<a href="http://localhost:8000/listings/7">renew it</a>' in body(message, "html")


def test_a_line_that_is_a_dot_arrives_and_ends_nothing(make, send, server_of_mail):
    make.letter(text="before\n.\n..\n.after\n" + "long " * 300)
    assert send() == SENT_ONE
    assert body(server_of_mail.messages[0], "plain") == "before\n.\n..\n.after\n" + "long " * 300 + "\n"


def test_what_lets_people_in_is_not_kept_when_it_is_sent(write, send, server_of_mail, rows):
    write()
    send()
    assert rows("SELECT text, html, sent_at IS NOT NULL FROM outbox") == [(None, None, True)]


def test_what_was_rolled_back_is_not_sent(app, connection, send, server_of_mail):
    with app.app_context():
        actions.write_letter("password_changed", "a@example.org", username="ann")
        db.session.rollback()
    assert send() == SENT_NONE
    assert server_of_mail.messages == []


def test_while_the_server_is_down_letters_wait_and_then_they_are_sent(
    app, write, send, rows, monkeypatch, caplog
):
    with mail_server() as server:
        pass
    monkeypatch.setitem(app.config, "SMTP_URL", server.url)
    for number in range(2):
        write(f"reader-{number}@example.org")
    # The others are spared a try that would fail as well.
    assert send() == LATER
    (first, second) = rows(STATE)
    assert first[:3] == (1, False, False)
    assert first[3].startswith("The mail server cannot be used: ")
    assert second == (0, False, False, None)
    assert "example.org" not in caplog.text
    with mail_server() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        assert send() == SENT_ONE
        rows(NOW_DUE)
        assert send() == SENT_ONE
        assert server.recipients == ["reader-1@example.org", "reader-0@example.org"]


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_server_that_says_not_now_is_asked_again_later_and_later(
    command, write, send, rows, server_of_mail
):
    server_of_mail.answers[command] = "451 Come back later"
    write()
    waits = []
    for _ in range(3):
        assert send() == LATER
        assert send() == SENT_NONE
        waits += rows("SELECT round(extract(epoch FROM due_at - now()) / 60) FROM outbox")[0]
        rows(NOW_DUE)
    assert waits == [1, 2, 4]
    assert rows(STATE) == [(3, False, False, "The mail server said 451 Come back later")]
    server_of_mail.answers.clear()
    assert send() == SENT_ONE
    assert len(server_of_mail.messages) == 1


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_letter_that_is_refused_is_given_up_with_the_reason_and_holds_up_no_other(
    command, write, send, rows, server_of_mail
):
    server_of_mail.answers[command] = "550 No such mailbox"
    write()
    assert send() == GIVEN_UP
    assert rows(STATE) == [(1, False, True, "The mail server said 550 No such mailbox")]
    assert rows("SELECT text, html FROM outbox") == [(None, None)]
    server_of_mail.answers.clear()
    write("other@example.org")
    assert send() == SENT_ONE
    assert server_of_mail.recipients == ["other@example.org"]


def test_one_refused_half_way_does_not_spoil_the_next_of_the_same_conversation(
    write, send, rows, server_of_mail
):
    server_of_mail.refused_addresses.add("first@example.org")
    write("first@example.org")
    write("second@example.org")
    assert send() == "Sent 1 letter; 0 to be tried again later, 1 given up."
    assert server_of_mail.recipients == ["second@example.org"]


def test_a_letter_that_cannot_be_put_together_holds_up_no_other(make, send, rows, server_of_mail):
    make.letter(address="two..dots@example.org")
    make.letter(address="good@example.org")
    assert send() == "Sent 1 letter; 0 to be tried again later, 1 given up."
    assert server_of_mail.recipients == ["good@example.org"]


def test_a_server_that_answers_to_nothing_is_waited_for_only_so_long(app, write, send, rows, monkeypatch):
    monkeypatch.setattr(carriers, "ANSWER_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        write()
        assert send() == LATER
    ((*state, sentence),) = rows(STATE)
    assert state == [1, False, False]
    assert sentence.startswith("The mail server cannot be used: ")
    assert sentence.endswith("timed out.")


def test_one_that_has_the_letter_and_never_says_so_does_not_get_it_twice(
    write, send, rows, server_of_mail, monkeypatch
):
    monkeypatch.setattr(carriers, "LAST_ANSWER_TIMEOUT", 0.2)
    server_of_mail.waits = True
    write()
    assert send() == GIVEN_UP
    rows(NOW_DUE)
    assert send() == SENT_NONE
    assert len(server_of_mail.messages) == 1
    assert "did not say whether it took it" in rows(STATE)[0][3]


def test_a_letter_is_given_up_when_it_is_no_use_any_more(write, send, rows, server_of_mail):
    server_of_mail.answers["RCPT"] = "451 Later"
    write("a@example.org", "reset_password", token="t")
    assert rows("SELECT useless_at - created_at FROM outbox") == [(timedelta(hours=1),)]
    send()
    rows("UPDATE outbox SET due_at = now(), useless_at = now() RETURNING id")
    server_of_mail.answers.clear()
    assert send() == GIVEN_UP
    assert rows(STATE) == [(1, False, True, "The mail server said 451 Later")]
    assert server_of_mail.messages == []


def test_a_new_letter_is_sent_whatever_the_clock_said_when_it_was_written(write, send, rows, server_of_mail):
    write()
    tomorrow = "now() + interval '1 day'"
    rows(f"UPDATE outbox SET due_at = {tomorrow}, created_at = {tomorrow} RETURNING id")
    assert send() == SENT_ONE


def test_pauses_grow_up_to_some_hours():
    assert [pause_after(attempts) for attempts in (1, 2, 3)] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert pause_after(500) == LONGEST_PAUSE
    # A greeting, two EHLO, STARTTLS and its handshake, three ways to log in with two steps each, the letter.
    waits = carriers.ANSWER_TIMEOUT * (5 + 6 + 3) + carriers.LAST_ANSWER_TIMEOUT
    assert timedelta(seconds=waits) < CLAIM_LASTS


def test_a_sender_that_slept_through_its_claim_does_not_send_the_letter(
    app, write, server_of_mail, rows, connection
):
    """Another sender has taken the letter over, at the last moment at which that is possible."""
    write()

    class Slow(carriers.Server):
        def carry(self, message, name, before_end):
            rows("UPDATE outbox SET attempts = attempts + 1 RETURNING id")
            super().carry(message, name, before_end)

    with app.app_context():
        tally = sending.send_due(Slow(server_of_mail.url))
    assert (tally.sent, tally.later, tally.given_up) == (0, 0, 0)
    assert server_of_mail.messages == []


@pytest.fixture
def outbox(make_database):
    """A database with one letter, and what it says of it."""
    from tests.conftest import dispose, make_app

    url = make_database()
    app = make_app(url)
    Factories(app).letter()
    dispose(app)
    return url


def state_of(url):
    with connect(url) as cursor:
        cursor.execute(STATE)
        return cursor.fetchall()


def due_again(url):
    with connect(url) as cursor:
        cursor.execute("UPDATE outbox SET due_at = now() WHERE sent_at IS NULL AND failed_at IS NULL")


def send_in_process(url, server):
    result = run_project_command("flask", "mail", "send", database_url=url, SMTP_URL=server.url)
    return result.stdout.strip()


@pytest.mark.parametrize(
    ("when", "where"),
    [
        ("after", "marketplace.mail.sending:_claim"),
        ("before", "marketplace.mail.carriers:Server.carry"),
        ("before", "smtplib:SMTP.mail"),
        ("before", "smtplib:SMTP.docmd"),
        ("before", "marketplace.mail.sending:_note"),
    ],
)
def test_a_sender_killed_before_the_letters_end_leaves_it_to_be_sent(when, where, outbox):
    with mail_server() as server:
        run_killed(when, where, "mail", "send", database_url=outbox, SMTP_URL=server.url)
        assert server.messages == []
        # Nobody else takes it while its sender may still be at work.
        assert send_in_process(outbox, server) == SENT_NONE
        due_again(outbox)
        assert send_in_process(outbox, server) == SENT_ONE
        assert len(server.messages) == 1
    assert state_of(outbox) == [(2, True, False, None)]


def test_a_sender_killed_while_the_server_thinks_does_not_send_the_letter_twice(outbox):
    with mail_server() as server:
        server.waits = True
        sender = subprocess.Popen(
            [sys.executable, "-m", "flask", "mail", "send"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": outbox, "SECRET_KEY": "tests", "SMTP_URL": server.url},
        )
        try:
            assert server.has_all.wait(30)
        finally:
            sender.send_signal(signal.SIGKILL)
            sender.wait()
        server.waits = False
        server.goes_on.set()
        assert send_in_process(outbox, server) == SENT_NONE
        due_again(outbox)
        assert send_in_process(outbox, server) == GIVEN_UP
        due_again(outbox)
        assert send_in_process(outbox, server) == SENT_NONE
        assert len(server.messages) == 1
    assert state_of(outbox) == [(1, False, True, sending.OUTLIVED)]


def test_several_senders_at_once_send_each_letter_once(committing_app, monkeypatch):
    make = Factories(committing_app)
    for _ in range(20):
        make.letter()
    with mail_server() as server:
        monkeypatch.setitem(committing_app.config, "SMTP_URL", server.url)

        def work():
            with committing_app.app_context():
                sending.send_due(sending.carrier_of_site())

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.recipients) == len(set(server.recipients)) == 20


def test_the_loop_sends_what_is_written_and_ends_when_it_is_told_to(outbox):
    with mail_server() as server:
        sender = subprocess.Popen(
            [sys.executable, "-m", "flask", "mail", "send", "--loop"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": outbox, "SECRET_KEY": "tests", "SMTP_URL": server.url},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.has_all.wait(30)
            server.has_all.clear()
            with connect(outbox) as cursor:
                cursor.execute(
                    "INSERT INTO outbox (name, address, subject, text, html, useless_at)"
                    " VALUES ('x', 'second@example.org', 'Second', 'a', 'b', 'infinity')"
                )
            assert server.has_all.wait(30)
        finally:
            sender.terminate()
            said, _ = sender.communicate(timeout=30)
        assert sender.returncode == 0
        assert said == "Sending letters as they are written — stop it with Ctrl-C.\n"
        assert server.recipients[-1] == "second@example.org"


def test_without_the_tables_it_ends_in_a_sentence(template_at, make_database):
    url = make_database(template_at("base"))
    result = run_project_command("flask", "mail", "send", database_url=url, check=False)
    assert result.returncode == 1
    assert "bring it up to date with `flask db upgrade`" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_password_of_the_mail_server_is_in_no_sentence(app, write, send, rows, monkeypatch, caplog):
    url = f"smtp://user:hidden%21@127.0.0.1:{free_port()}"
    monkeypatch.setitem(app.config, "SMTP_URL", url)
    write()
    assert send() == LATER
    assert "hidden" not in rows(STATE)[0][3] + caplog.text
