"""What is told of messages: one notification for all that is unread of a day, read when all of that is."""

from datetime import timedelta

import pytest

from tests.factories.exchanges import days

NOON = days(1) + timedelta(hours=12)


@pytest.fixture
def write(exchange, browser_of, rows):
    """Lets a member write a message, who had seen all up to another one; returns its id."""

    def send(member, seen=0):
        sent = {"words": "When?", "seen": seen}
        assert browser_of(member).submit(f"/swaps/{exchange.id}/messages", sent).status_code == 303
        return rows("SELECT max(id) FROM exchange_messages")[0][0]

    return send


@pytest.fixture
def read(exchange, browser_of):
    """Lets a member have seen all up to a message."""

    def mark(member, until):
        answer = browser_of(member).submit(f"/swaps/{exchange.id}/read", {"until": until})
        assert answer.status_code == 303

    return mark


@pytest.fixture
def notices(rows):
    """Reads which notifications of messages a member has: for each, whether it is read."""
    statement = (
        "SELECT read_at IS NOT NULL FROM notifications WHERE kind = 'message' AND member_id = :id ORDER BY id"
    )
    return lambda member: [is_read for (is_read,) in rows(statement, id=member.id)]


def test_an_old_page_reads_only_what_it_showed(ama, boa, write, read, notices):
    first, second = write(ama), write(ama)
    assert notices(boa) == [False]
    read(boa, first)
    assert notices(boa) == [False]
    read(boa, second)
    assert notices(boa) == [True]
    # An older page that is answered late takes nothing back.
    read(boa, first)
    assert notices(boa) == [True]


def test_ones_own_message_in_between_is_no_reason_to_be_told_again(ama, boa, write, read, notices):
    own = write(boa)
    write(ama)
    read(boa, own)
    write(ama)
    assert notices(boa) == [False]


def test_what_is_unread_on_another_day_is_told_once_more(ama, boa, write, read, notices, at):
    at(NOON)
    write(ama)
    at(NOON + timedelta(days=1))
    last = [write(ama) for _ in range(2)][-1]
    assert notices(boa) == [False, False]
    read(boa, last)
    assert notices(boa) == [True, True]
    write(ama)
    assert notices(boa) == [True, True, False]
