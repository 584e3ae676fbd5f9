"""What the rest of the site does about what is promised: listings, blocks, and members who leave."""

import pytest

from marketplace.exchanges.moving import move
from marketplace.extensions import db
from tests.factories.accounts import PASSWORD
from tests.support.html import text_of
from tests.support.posting import publish_edit

KEPT = "Something of it is promised in a swap"


@pytest.fixture
def agreed(make, ama, boa, drill, boat):
    return make.exchange(ama, boa, [drill], [boat], state="accepted")


def test_pages_of_listings_say_what_is_promised(make, ama, boa, drill, boat, client, exchange, browser_of):
    paths = [f"/items/{boat.id}", f"/listings/{boat.listing_id}"]
    for path in paths:
        assert "On hold" not in text_of(client.page(path))
    accepted = browser_of(boa).submit(f"/swaps/{exchange.id}/accept", {"version": "1"})
    assert accepted.status_code == 303
    for path in paths:
        assert "On hold" in text_of(client.page(path))
    assert browser_of(boa).submit(f"/swaps/{exchange.id}/undo").status_code == 303
    for path in paths:
        assert "On hold" not in text_of(client.page(path))


def test_what_is_gone_is_said_to_be(make, ama, boa, boat, client):
    make.exchange(ama, boa, [], [boat], state="completed")
    assert "Swapped" in text_of(client.page(f"/items/{boat.id}"))


def test_what_is_promised_stays_where_it_is(agreed, boa, boat, make, browser_of, rows):
    browser, listing = browser_of(boa), f"/listings/{boat.listing_id}"
    for act in ("archive", "delete"):
        assert browser.submit(f"{listing}/{act}").status_code == 303
        assert KEPT in browser.get(listing).text
    assert browser.submit("/my/listings", {"act": "archive", "id": boat.listing_id}).status_code == 303
    assert KEPT in browser.get("/my/listings").text
    form = {"title": "Another", "category_id": make.category().id, "offers-0-name": "My boat"}
    assert publish_edit(browser, boat.listing_id, form | {"offers-0-id": boat.id}).status_code == 303
    assert publish_edit(browser, boat.listing_id, form | {"title": "A third"}).status_code == 303
    assert rows("SELECT id, name FROM listing_items WHERE listing_id = :id", id=boat.listing_id) == [
        (boat.id, "My boat")
    ]
    assert rows("SELECT status, title FROM listings WHERE id = :id", id=boat.listing_id) == [
        ("active", "Another")
    ]


@pytest.mark.parametrize("state", ["proposed", "completed", "cancelled"])
def test_what_is_not_kept_for_anybody_can_go(state, make, ama, boa, boat, browser_of, rows):
    exchange = make.exchange(ama, boa, [], [boat], state=state)
    browser = browser_of(boa)
    assert browser.submit(f"/listings/{boat.listing_id}/archive").status_code == 303
    assert browser.submit(f"/listings/{boat.listing_id}/delete").status_code == 303
    assert rows("SELECT id FROM listings WHERE id = :id", id=boat.listing_id) == []
    page = text_of(browser_of(ama).page(f"/swaps/{exchange.id}"))
    assert "Boat" in page


def test_a_block_ends_what_is_open_and_leaves_what_is_agreed_on(
    make, ama, boa, drill, boat, browser_of, state_of
):
    made = [
        make.exchange(ama, boa, [drill], [boat]),
        make.exchange(boa, ama, state="question"),
        make.exchange(ama, boa, state="accepted"),
        make.exchange(ama, make.member()),
    ]
    assert browser_of(ama).submit("/members/boa/block").status_code == 303
    assert [state_of(each) for each in made] == ["withdrawn", "declined", "accepted", "proposed"]


def test_leaving_ends_what_is_open_and_frees_what_is_promised(
    make, ama, boa, drill, boat, browser_of, rows, state_of
):
    third = make.member()
    made = [
        make.exchange(ama, third, [drill]),
        make.exchange(third, ama, state="question"),
        make.exchange(ama, boa, [drill], [boat], state="accepted"),
        make.exchange(ama, third, state="lent"),
        make.exchange(boa, third),
    ]
    assert browser_of(ama).submit("/account/delete", {"password": PASSWORD}).status_code == 303
    assert [state_of(each) for each in made] == ["withdrawn", "declined", "cancelled", "lent", "proposed"]
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]
    assert "The swap fell through" in browser_of(boa).get(f"/swaps/{made[2].id}").text


def test_the_other_side_keeps_what_the_things_were_called_and_no_words(
    app, make, ama, boa, boat, browser_of, rows
):
    done = make.exchange(ama, boa, [], [boat], state="declined", note="Call me Ama", closed_by="proposer",
                         reason="I, Ama, moved")  # fmt: skip
    lent = make.exchange(ama, boa, [], [], state="lent")
    rows("UPDATE users SET leaving_at = now() - interval '8 days' WHERE id = :id RETURNING 1", id=ama.id)
    assert app.test_cli_runner().invoke(args=["members", "purge"]).exit_code == 0
    page = text_of(browser_of(boa).page(f"/swaps/{done.id}"))
    assert "with a former member" in page
    assert "Boat" in page
    assert "Ama" not in page
    assert rows("SELECT state, closed_by, proposer_id FROM exchanges WHERE id = :id", id=lent.id) == [
        ("closed", "time", None)
    ]
    rows("UPDATE users SET leaving_at = now() - interval '8 days' WHERE id = :id RETURNING 1", id=boa.id)
    assert app.test_cli_runner().invoke(args=["members", "purge"]).exit_code == 0
    assert rows("SELECT count(*) FROM exchanges") == [(0,)]


@pytest.mark.parametrize("left", [0, 1])
def test_a_listing_of_which_all_is_swapped_is_archived(left, app, make, ama, boa, boat, thing, rows):
    listing = boat.listing_id
    if left:
        rows(
            "INSERT INTO listing_items (listing_id, owner_id, kind, name)"
            " VALUES (:id, :owner, 'offer', 'Oars') RETURNING id",
            id=listing,
            owner=boa.id,
        )
    exchange = make.exchange(ama, boa, [], [boat], state="accepted", proposer_handed_at=boat.created_at)
    with app.test_request_context():
        move(exchange.id, "complete", "receiver")
        db.session.commit()
    expected = "active" if left else "archived"
    assert rows("SELECT status FROM listings WHERE id = :id", id=listing) == [(expected,)]
    assert rows("SELECT released_at FROM exchange_holds") == [(None,)]
