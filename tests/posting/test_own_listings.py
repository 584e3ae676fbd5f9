"""What members do with their listings once they are published: renew, archive, put back, delete."""

from datetime import timedelta

import pytest

from tests.support.html import text_of

ENDS = (
    "UPDATE listings SET lifetime_days = 30, expires_at = now() + make_interval(days => :days)"
    " WHERE id = :id RETURNING id"
)
STATE = "SELECT status, expires_at - now() FROM listings WHERE id = :id"
STAMPS = "SELECT created_at, updated_at FROM listings"


@pytest.fixture
def owner(make):
    return make.member()


@pytest.fixture
def mine(browser_of, owner):
    return browser_of(owner)


@pytest.fixture
def own(make, owner, rows):
    """Makes a listing of the owner: its state, and in how many days of 30 it ends (negative: since when)."""

    def make_one(status="active", days=None, **values):
        listing = make.listing(owner_id=owner.id, status=status, **values)
        if days is not None:
            rows(ENDS, id=listing.id, days=days)
        return listing

    return make_one


@pytest.fixture
def listing(make, own):
    return own(category_id=make.category(slug="tools").id, title="My tools")


@pytest.fixture
def item_id(rows, listing):
    return rows("SELECT id FROM listing_items")[0][0]


def titles(page):
    return [text_of(a) for a in page.findall(".//*[@class='bulk-list__title']/a")]


def tabs(page):
    """Return the tabs of the page, each with its count."""
    links = page.findall(".//nav[@class='tabs']//a")
    return {a.text.strip(): int(text_of(a.find("span"))) for a in links}


def test_an_archived_listing_is_its_owners_alone_until_it_is_put_back(
    listing, item_id, mine, client, browser_of, make, rows
):
    pages = [f"/listings/{listing.id}", f"/items/{item_id}"]
    lists = ["/", "/categories/tools"]
    theirs = browser_of(make.member())
    stamps = rows(STAMPS)
    assert mine.submit(f"/listings/{listing.id}/archive").location == f"/listings/{listing.id}"
    for browser in (client, theirs):
        for page in pages:
            assert browser.get(page).status_code in (404, 410)
        for page in lists:
            assert "My tools" not in text_of(browser.page(page))
    for page in pages:
        assert "archived" in text_of(mine.page(page))
    assert titles(mine.page("/my/listings?tab=archived")) == ["My tools"]
    mine.submit(f"/listings/{listing.id}/archive")
    assert mine.submit(f"/listings/{listing.id}/restore").location == f"/listings/{listing.id}"
    for page in pages + lists:
        assert "My tools" in text_of(client.page(page))
    # Neither is a change of what the listing says.
    assert rows(STAMPS) == stamps


@pytest.mark.parametrize(("before", "after"), [(12, 12), (-3, 30), (None, None)])
def test_what_is_put_back_is_shown_for_its_whole_time_when_that_has_run_out(before, after, own, mine, rows):
    listing = own("archived", days=before)
    mine.submit(f"/listings/{listing.id}/restore")
    assert rows(STATE, id=listing.id) == [("active", timedelta(days=after) if after is not None else None)]


def test_deleting_asks_first_and_takes_the_items_along(listing, mine, rows):
    page = mine.page(f"/listings/{listing.id}/delete")
    assert "Nobody can bring it back" in text_of(page)
    assert len(rows("SELECT 1 FROM listing_items")) == 1
    assert mine.submit(f"/listings/{listing.id}/delete").location == "/my/listings"
    assert "“My tools” is deleted." in text_of(mine.page("/my/listings"))
    assert rows("SELECT id FROM listings UNION ALL SELECT id FROM listing_items") == []
    assert mine.get(f"/listings/{listing.id}").status_code in (404, 410)
    assert mine.submit(f"/listings/{listing.id}/delete").status_code == 404


def test_deleting_leaves_the_pictures_to_the_sweep(listing, item_id, owner, make, mine, rows):
    make.picture(owner_id=owner.id, item_id=item_id)
    mine.submit(f"/listings/{listing.id}/delete")
    assert rows("SELECT owner_id, item_id, draft_id FROM pictures") == [(owner.id, None, None)]


def test_only_the_owner_is_shown_the_ways_to_change_a_listing(
    listing, item_id, mine, client, browser_of, make
):
    for path in (f"/listings/{listing.id}", f"/items/{item_id}"):
        assert f"/listings/{listing.id}/edit" in mine.get(path).text
        for browser in (client, browser_of(make.member())):
            for act in ("edit", "archive", "renew", "delete"):
                assert f"/listings/{listing.id}/{act}" not in browser.get(path).text


@pytest.mark.parametrize(
    ("status", "days", "after", "told"),
    [
        ("active", 3, ("active", timedelta(days=30)), "is renewed: it is shown for 30 days from now"),
        ("active", -1, ("active", timedelta(days=30)), "is renewed"),
        ("expired", -40, ("active", timedelta(days=30)), "is renewed"),
        ("active", None, ("active", None), "without an end: there is nothing to renew"),
        ("archived", 3, ("archived", timedelta(days=3)), "put it back first"),
    ],
)
def test_a_listing_is_renewed_by_one_press(status, days, after, told, own, mine, rows):
    listing = own(status, days)
    stamps = rows(STAMPS)
    response = mine.submit(f"/listings/{listing.id}/renew")
    assert response.location == f"/listings/{listing.id}"
    assert rows(STATE, id=listing.id) == [after]
    assert rows(STAMPS) == stamps
    assert told in text_of(mine.page("/my/listings"))


def test_a_renewed_listing_is_found_again(own, mine, client, rows):
    listing = own("expired", -1, title="Found again")
    assert "Found again" not in text_of(client.page("/"))
    mine.submit(f"/listings/{listing.id}/renew")
    assert "Found again" in text_of(client.page("/"))


def test_each_tab_has_its_listings_and_their_number_swept_or_not(own, mine, make, owner):
    own(title="Without end")
    own(title="Ends later", days=20)
    own(title="Ends soon", days=6)
    own(title="Over, not swept", days=-1)
    own("expired", title="Over and swept", days=-9)
    own("archived", title="Archived", days=-9)
    make.draft({"title": "Begun"}, owner_id=owner.id)
    make.listing(title="Somebody else's")
    make.draft({"title": "Somebody else's"}, owner_id=make.member().id)
    expected = {
        "active": ["Ends soon", "Ends later", "Without end"],
        "ending": ["Ends soon"],
        "drafts": ["Begun"],
        "expired": ["Over and swept", "Over, not swept"],
        "archived": ["Archived"],
    }
    for tab, listed in expected.items():
        page = mine.page(f"/my/listings?tab={tab}")
        assert titles(page) == listed
        counts = {"On show": 3, "Ending soon": 1, "Drafts": 1, "Ended": 2, "Archived": 1}
        assert tabs(page) == counts
        selected = page.find(".//nav[@class='tabs']//a[@aria-current]")
        assert int(text_of(selected.find("span"))) == len(listed)


def test_an_unknown_tab_is_the_first_one(mine, own):
    own(title="Mine")
    assert titles(mine.page("/my/listings?tab=nonsense")) == ["Mine"]


def test_owners_are_told_a_week_before(own, mine, rows):
    listing = own(title="Ladder", days=8)
    assert "within a week" not in text_of(mine.page("/my/listings"))
    for days, told in [(7, True), (1, True), (-1, False)]:
        rows(ENDS, id=listing.id, days=days)
        page = mine.page("/my/listings")
        assert ("1 listing ends within a week" in text_of(page)) is told
        assert ("/my/listings?tab=ending" in [a.get("href") for a in page.iter("a")]) is told


@pytest.mark.parametrize(
    ("act", "changed"),
    [
        ("renew", {"active": ("active", 30), "expired": ("active", 30)}),
        (
            "archive",
            {"active": ("archived", 3), "expired": ("archived", -1), "without end": ("archived", None)},
        ),
        ("restore", {"archived": ("active", 30), "expired": ("active", 30)}),
    ],
)
def test_several_are_changed_at_once_and_nobody_elses(act, changed, own, make, mine, rows):
    made = {
        "active": own(days=3),
        "expired": own("expired", days=-1),
        "archived": own("archived", days=-1),
        "without end": own(),
        "untouched": own(days=3),
        "theirs": make.listing(),
    }
    state = {name: rows(STATE, id=each.id)[0] for name, each in made.items()}
    ids = [each.id for name, each in made.items() if name != "untouched"]
    response = mine.submit("/my/listings?tab=expired", {"act": act, "id": [*ids, "x", "9" * 30]})
    assert response.location == "/my/listings?tab=expired"
    for name, (status, days) in changed.items():
        state[name] = (status, timedelta(days=days) if days else None)
    assert {name: tuple(rows(STATE, id=each.id)[0]) for name, each in made.items()} == {
        name: tuple(each) for name, each in state.items()
    }


def test_with_nothing_ticked_it_says_so(mine, own, rows):
    listing = own(days=3)
    mine.submit("/my/listings", {"act": "archive"})
    assert "Tick the listings first" in text_of(mine.page("/my/listings"))
    assert rows(STATE, id=listing.id)[0].status == "active"


def test_the_pages_of_a_tab_hold_every_listing_once(own, mine, monkeypatch):
    for number in range(65):
        own(title=f"Number {number}")
    seen, path = [], "/my/listings"
    while path:
        page = mine.page(path)
        seen.append(titles(page))
        older = page.find(".//a[@rel='next']")
        path = older.get("href") if older is not None else None
    assert [len(each) for each in seen] == [30, 30, 5]
    assert [title for each in seen for title in each] == [
        f"Number {number}" for number in reversed(range(65))
    ]
    back = page.find(".//a[@class='pager__newest']")
    assert titles(mine.page(back.get("href"))) == seen[0]
    for expected in (seen[1], seen[0]):
        page = mine.page(page.find(".//a[@rel='prev']").get("href"))
        assert titles(page) == expected
    assert page.find(".//a[@rel='prev']") is None


@pytest.mark.parametrize("name", ["older", "newer"])
def test_a_cursor_that_is_none_is_a_page_that_does_not_exist(name, mine):
    mine.page(f"/my/listings?{name}=nonsense", 404)


@pytest.mark.parametrize("asked", ["older=1-1", "newer=99999999999999999-1"])
def test_beyond_the_end_there_is_a_way_back(asked, own, mine):
    own()
    page = mine.page(f"/my/listings?tab=active&{asked}", 404)
    assert page.find(".//main//a").get("href") == "/my/listings?tab=active"


def test_no_items_are_read_for_the_list(own, mine):
    for _ in range(3):
        own(items=[{}] * 5)
    mine.page("/my/listings")
    assert not [statement for statement in mine.statements if "listing_items" in statement]
