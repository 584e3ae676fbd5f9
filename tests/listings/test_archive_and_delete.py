"""Listings are archived, put back and deleted by their owners."""

import threading

import pytest

from tests.conftest import new_client
from tests.factories import Factories
from tests.support.html import text_of


@pytest.fixture
def owner(make):
    return make.member()


@pytest.fixture
def listing(make, owner):
    return make.listing(owner_id=owner.id, category_id=make.category(slug="tools").id, title="My tools")


@pytest.fixture
def item_id(rows, listing):
    return rows("SELECT id FROM listing_items")[0][0]


def test_an_archived_listing_is_its_owners_alone_until_it_is_put_back(
    listing, item_id, owner, client, browser_of, make
):
    pages = [f"/listings/{listing.id}", f"/items/{item_id}"]
    lists = ["/", "/categories/tools"]
    mine, theirs = browser_of(owner), browser_of(make.member())
    assert mine.submit(f"/listings/{listing.id}/archive").location == f"/listings/{listing.id}"
    for browser in (client, theirs):
        for page in pages:
            browser.page(page, 410)
        for page in lists:
            assert "My tools" not in text_of(browser.page(page))
    for page in pages:
        assert "Your listing is archived" in text_of(mine.page(page).find(".//*[@class='action-block']"))
    assert text_of(mine.page("/my/listings").find(".//*[@aria-labelledby='archived']//h3")) == "My tools"
    mine.submit(f"/listings/{listing.id}/archive")
    assert mine.submit(f"/listings/{listing.id}/restore").location == f"/listings/{listing.id}"
    for page in pages + lists:
        assert "My tools" in text_of(client.page(page))


def test_deleting_asks_first_and_takes_the_items_along(listing, owner, browser_of, rows):
    mine = browser_of(owner)
    page = mine.page(f"/listings/{listing.id}/delete")
    assert "Nobody can bring it back" in text_of(page)
    assert len(rows("SELECT 1 FROM listing_items")) == 1
    assert mine.submit(f"/listings/{listing.id}/delete").location == "/my/listings"
    assert "“My tools” is deleted." in text_of(mine.page("/my/listings"))
    assert rows("SELECT id FROM listings UNION ALL SELECT id FROM listing_items") == []
    mine.page(f"/listings/{listing.id}", 410)
    assert mine.submit(f"/listings/{listing.id}/delete").status_code == 404


def test_only_the_owner_is_shown_the_ways_to_change_a_listing(
    listing, item_id, owner, client, browser_of, make
):
    for path in (f"/listings/{listing.id}", f"/items/{item_id}"):
        assert f"/listings/{listing.id}/edit" in browser_of(owner).get(path).text
        for browser in (client, browser_of(make.member())):
            for change in ("edit", "archive", "delete"):
                assert f"/listings/{listing.id}/{change}" not in browser.get(path).text


@pytest.mark.parametrize("change", ["edit", "archive"])
def test_a_listing_deleted_while_it_is_changed_is_a_page_that_is_gone(change, committing_app, monkeypatch):
    from marketplace.listings import actions

    make = Factories(committing_app)
    listing = make.listing()
    name = f"{change}_listing"
    action = getattr(actions, name)
    deleted = []

    def delete_first(found, *arguments):
        # Another request of the owner's, from start to end, after this one has found the listing.
        thread = threading.Thread(target=lambda: deleted.append(delete(committing_app, listing)))
        thread.start()
        thread.join()
        action(found, *arguments)

    monkeypatch.setattr(actions, name, delete_first)
    form = {"title": "My tools", "category_id": listing.category_id, "offers-0-name": "Drill"}
    owner = Owner(listing.owner_id)
    response = new_client(committing_app).sign_in(owner).submit(f"/listings/{listing.id}/{change}", form)
    assert deleted == [303]
    assert response.status_code == 404


def delete(app, listing):
    owner = Owner(listing.owner_id)
    return new_client(app).sign_in(owner).submit(f"/listings/{listing.id}/delete").status_code


class Owner:
    """A member as a session knows one."""

    session_epoch = 0

    def __init__(self, member_id):
        self.id = member_id
