"""Owners are told a week before their listings end, once about each end, if they want to know."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.mail import actions

LETTERS = "SELECT address, subject FROM outbox ORDER BY id"


@pytest.fixture
def sweep(app, connection):
    def run():
        result = app.test_cli_runner().invoke(args=["listings", "sweep"])
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.fixture
def listing(make):
    """Makes a listing that ends in so many days."""

    def make_one(days, lifetime_days=30, **values):
        end = datetime.now(UTC) + timedelta(days=days)
        return make.listing(lifetime_days=lifetime_days, expires_at=end, **values)

    return make_one


def test_the_owner_is_told_once_of_each_end(sweep, listing, make, rows):
    owner = make.member(email="owner@example.org")
    drill = listing(6.9, owner_id=owner.id, title="A drill")
    listing(7.1, owner_id=owner.id, title="Later")
    assert "told of 1 end," in sweep()
    assert "told of 0 ends," in sweep()
    assert rows(LETTERS) == [("owner@example.org", "Your listing “A drill” ends in a week")]
    # Renewed, it ends another time.
    later = datetime.now(UTC) + timedelta(days=6)
    rows("UPDATE listings SET expires_at = :later WHERE id = :id RETURNING id", later=later, id=drill.id)
    assert "told of 1 end," in sweep()
    assert "told of 0 ends," in sweep()


@pytest.mark.parametrize(
    ("days", "listing_values", "owner_values"),
    [
        (-0.1, {}, {}),
        (3, {"status": "archived"}, {}),
        (3, {}, {"is_active": False}),
        (3, {}, {"email_verified_at": None}),
    ],
)
def test_others_are_not_told(days, listing_values, owner_values, sweep, listing, make):
    listing(days, owner_id=make.member(**owner_values).id, **listing_values)
    assert "told of 0 ends," in sweep()


def test_nor_is_who_does_not_want_to_know(app, sweep, listing, make, rows):
    owner = make.member()
    listing(3, owner_id=owner.id)
    make.unsubscribed(owner)
    assert "told of 0 ends," in sweep()
    with app.app_context():
        actions.write_letter("listing_ends", owner.email, owner.id)
    assert rows(LETTERS) == []


def test_sent_letters_are_removed_after_a_month_and_failed_ones_after_three(sweep, make, rows):
    now = datetime.now(UTC)
    ended = {"text": None, "html": None}
    for days in (29, 31):
        make.letter(sent_at=now - timedelta(days=days), **ended)
    for days in (89, 91):
        make.letter(failed_at=now - timedelta(days=days), **ended)
    make.letter()
    assert "removed 2 old letters," in sweep()
    assert rows("SELECT count(*) FROM outbox") == [(3,)]
