"""stage_checks.py sees what goes wrong: each damage to the rows of a played swap is noticed."""

import pytest
from sqlalchemy import text

from tests.exchanges.stage import Stage
from tests.exchanges.stage_checks import check

PRESSES = ("accept", "undo", "accept again", "messages", "hand")
TOLD_AGAIN = (
    "INSERT INTO notifications (member_id, kind, once, by_id, details, created_at)"
    " SELECT member_id, kind, once || ' again', by_id, details, created_at FROM notifications WHERE kind = "
)
# By what is wrong: after which press, and how.
DAMAGES = {
    "a hold is let go": ("accept", "UPDATE exchange_holds SET released_at = now() WHERE giver = 'proposer'"),
    "a hold stays": ("undo", "UPDATE exchange_holds SET released_at = NULL"),
    "a hold is lost": ("hand", "DELETE FROM exchange_holds WHERE released_at IS NULL"),
    "something else is held": (
        "undo",
        "INSERT INTO exchange_holds (exchange_id, item_id, giver, during)"
        " SELECT max(exchange.id), max(item.id), 'receiver', tstzrange(now(), NULL)"
        " FROM exchanges AS exchange, listing_items AS item",
    ),
    "one is told twice": ("accept", f"{TOLD_AGAIN} 'swap_accept'"),
    "one is told of a hold twice": ("accept", f"{TOLD_AGAIN} 'swap_hold'"),
    "one is told nothing": ("hand", "DELETE FROM notifications WHERE kind = 'swap_hand'"),
    "the wrong one is told": (
        "accept",
        "UPDATE notifications SET member_id = by_id WHERE kind = 'swap_accept'",
    ),
    "one is told something else": (
        "undo",
        "UPDATE notifications SET kind = 'swap_cancel' WHERE kind = 'swap_undo'",
    ),
    "who waits is not told": ("undo", "DELETE FROM notifications WHERE kind = 'swap_free'"),
    "a message is not told": ("messages", "DELETE FROM notifications WHERE kind = 'message'"),
    "a message is told twice": ("messages", f"{TOLD_AGAIN} 'message'"),
    "a letter comes twice": (
        "accept",
        "INSERT INTO outbox (name, member_id, address, subject, text, html, useless_at)"
        " SELECT name, member_id, address, subject, text, html, useless_at FROM outbox"
        " WHERE name = 'swap_accept'",
    ),
    "a letter does not come": ("hand", "DELETE FROM outbox WHERE name = 'swap_hand'"),
    "an event is missing": ("accept again", "DELETE FROM exchange_events WHERE event = 'undo'"),
    "another side did it": ("accept", "UPDATE exchange_events SET actor = 'proposer' WHERE event = 'accept'"),
    "it was too late": (
        "accept",
        "UPDATE exchange_events SET at = at + interval '8 days' WHERE event = 'accept'",
    ),
    "the row says something else": (
        "undo",
        "UPDATE exchanges SET awaits = 'proposer' WHERE awaits = 'receiver'",
    ),
    "a proposal is rewritten": ("undo", "UPDATE exchange_items SET value = 99"),
    "a loan is missing": ("accept", "DELETE FROM exchange_loans"),
}


@pytest.fixture
def stage(app, connection, make, monkeypatch):
    return Stage(app, connection, make, monkeypatch)


@pytest.fixture
def play(stage):
    """Lets Boa accept and take it back and accept again, while Cora waits, until a press; the rows before."""

    def until(last):
        ama, boa, cora, _ = stage.ids
        thing, loan = stage.of(boa)[0], stage.of(boa)[2]
        days = {f"from-{loan.id}": stage.now.date(), f"until-{loan.id}": stage.now.date()}
        for member in (ama, cora):
            form = {"go": "send", "open_days": "7", "give": stage.of(member)[0].id}
            form |= {"get": [thing.id, loan.id]} | days
            assert stage.press(member, f"/items/{thing.id}/swap", form) == 303
        path = f"/swaps/{stage.read()['exchanges'][0]['id']}"
        members = {"messages": ama, "hand": ama}
        for name in PRESSES[: PRESSES.index(last) + 1]:
            before = stage.read()
            sent = {"version": 1, "words": "Now?"}
            assert stage.press(members.get(name, boa), f"{path}/{name.split()[0]}", sent) == 303
        return before

    return until


@pytest.mark.parametrize("press", PRESSES)
def test_nothing_is_wrong_with_what_was_played(press, stage, play):
    check(play(press), stage.read())


@pytest.mark.parametrize(("press", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_damage_is_seen(press, damage, stage, play):
    before = play(press)
    assert stage.connection.execute(text(damage)).rowcount
    with pytest.raises(AssertionError):
        check(before, stage.read())
