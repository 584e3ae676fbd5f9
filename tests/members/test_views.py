"""The public page of a member."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from marketplace.listings import shown
from tests.support.html import text_of

NOW = datetime.now(UTC)


@pytest.fixture
def member(make):
    return make.member(username="Wairisi", created_at=datetime(2024, 5, 6, tzinfo=UTC))


def titles(page):
    return [text_of(title) for title in page.findall(".//*[@class='card__title']")]


def facts(page):
    pairs = page.find(".//dl[@class='facts']")
    return {text_of(pair.find("dt")): text_of(pair.find("dd")) for pair in pairs}


def pager(page):
    return {text_of(a): a.get("href") for a in page.findall(".//*[@class='pager']/a")}


def test_everyone_reads_the_page_of_a_member(member, client, browser_of, make):
    for browser in (client, browser_of(make.member()), browser_of(member)):
        page = browser.page("/members/Wairisi")
        assert text_of(page.find(".//h1")) == "Wairisi"
    assert client.head("/members/Wairisi").status_code == 200


@pytest.mark.parametrize("name", ["nobody", "wairis", "wairisi2", "W%61irisi%20"])
def test_a_member_who_never_was_does_not_exist(name, member, client):
    client.page(f"/members/{name}", 404)


def test_a_member_who_left_does_not_exist(make, client):
    make.member(username="gone", is_active=False)
    client.page("/members/gone", 404)


def test_another_spelling_leads_to_the_members_own(member, client):
    for asked in ("", "?older=5-6", "?newer=5-6"):
        response = client.get(f"/members/wAIRISI{asked or '?'}&username=x")
        assert (response.status_code, response.location) == (301, f"/members/Wairisi{asked}")


def test_it_says_since_when_and_where_and_shows_what_is_on_show(member, client, make):
    def post(title, days, **values):
        make.listing(owner_id=member.id, title=title, created_at=NOW - timedelta(days=days), **values)

    post("Old", 9, area="Harbour side")
    post("Newer", 2)
    post("Ends soon", 3, lifetime_days=30, expires_at=NOW + timedelta(days=1))
    post("Archived", 1, status="archived", area="Secret")
    post("Ended", 1, lifetime_days=30, expires_at=NOW - timedelta(seconds=1), area="Secret")
    make.listing(title="Somebody else's")
    page = client.page("/members/Wairisi")
    assert titles(page) == ["Newer", "Ends soon", "Old"]
    assert "3 listings on show" in [text_of(heading) for heading in page.iter("h2")]
    assert facts(page) == {"Member since": "May 2024", "Area": "Harbour side"}
    assert page.find(".//dl[@class='facts']//a").get("href") == "/search?area=Harbour+side"
    assert member.email not in client.get("/members/Wairisi").text


def test_a_member_without_listings_has_a_page(member, client):
    page = client.page("/members/Wairisi")
    assert "0 listings on show" in text_of(page)
    assert "Nothing on show" in text_of(page)
    assert facts(page) == {"Member since": "May 2024"}


@pytest.mark.parametrize("step", [timedelta(0), timedelta(microseconds=1)], ids=str)
def test_paging_shows_each_listing_once(step, member, client, make):
    for number in range(60):
        make.listing(owner_id=member.id, title=f"No. {number}", created_at=NOW + number * step)
    seen, path = [], "/members/Wairisi"
    while path:
        page = client.page(path)
        seen.append(titles(page))
        path = pager(page).get("Older listings")
        assert (len(seen) > 1) == ("Back to the newest" in pager(page))
    assert [len(each) for each in seen] == [24, 24, 12]
    assert [title for each in seen for title in each] == [f"No. {number}" for number in reversed(range(60))]
    for expected in (seen[1], seen[0]):
        page = client.page(pager(page)["Newer listings"])
        assert titles(page) == expected
    assert "Newer listings" not in pager(page)


def test_paging_neither_skips_nor_repeats_while_listings_come_and_go(member, client, make, rows):
    kept = [f"No. {number}" for number in range(60)]
    for number, title in enumerate(kept):
        make.listing(owner_id=member.id, title=title, created_at=NOW + timedelta(seconds=number))
    seen, path = [], "/members/Wairisi"
    for way in ("Older listings", "Newer listings"):
        while path:
            page = client.page(path)
            seen.append(titles(page))
            path = pager(page).get(way)
            make.listing(owner_id=member.id, created_at=NOW + timedelta(hours=1))
            rows(
                "UPDATE listings SET status = 'archived' WHERE title = :title RETURNING id", title=seen[0][-1]
            )
        path = pager(page).get("Newer listings")
    there, back = seen[:3], seen[3:]
    assert [title for each in there for title in each] == kept[::-1]
    again = [title for each in reversed(back) for title in each if title in kept]
    assert again == [title for title in kept[::-1] if title not in (seen[0][-1], *there[-1])]


@pytest.mark.parametrize("name", ["older", "newer"])
@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", f"1-{2**63}"])
def test_a_cursor_that_is_none_does_not_exist(name, cursor, member, client):
    client.page(f"/members/Wairisi?{name}={cursor}", 404)


@pytest.mark.parametrize("asked", ["older=1-1", "newer=99999999999999999-1"])
def test_beyond_the_end_there_is_a_way_back(asked, member, client, make):
    make.listing(owner_id=member.id)
    page = client.page(f"/members/Wairisi?{asked}", 404)
    assert page.find(".//main//a").get("href") == "/members/Wairisi"


def test_many_listings_are_counted_no_further_than_is_said(member, client, make, connection):
    values = {"owner": member.id, "category": make.category().id, "count": shown.COUNTED + 5}
    connection.execute(
        text(
            "INSERT INTO listings (owner_id, category_id, title)"
            " SELECT :owner, :category, 'A title' FROM generate_series(1, :count)"
        ),
        values,
    )
    assert "1,000+ listings on show" in text_of(client.page("/members/Wairisi"))


def test_a_count_in_words():
    assert shown.count_in_words(1000) == "1,000 listings"
    assert shown.count_in_words(1001) == "1,000+ listings"
    assert shown.count_in_words(1) == "1 listing"


def test_a_card_shows_the_first_picture_of_what_is_offered(member, client, make, rows):
    make.listing(owner_id=member.id, items=[{"kind": "want"}, {}, {}])
    wanted, first, second = (id_ for (id_,) in rows("SELECT id FROM listing_items ORDER BY id"))
    make.picture(item_id=wanted, alt="wanted")
    make.picture(item_id=second, alt="of the second")
    make.picture(item_id=first, position=2, alt="second")
    make.picture(item_id=first, position=1, alt="first")
    card = client.page("/members/Wairisi").find(".//article")
    assert [image.get("alt") for image in card.iter("img")] == ["first"]


def test_a_card_names_its_owner_with_the_way_here(member, client, make):
    make.listing(owner_id=member.id)
    card = client.page("/").find(".//article")
    assert card.find(".//a[@class='card__owner']").get("href") == "/members/Wairisi"


def test_a_card_of_a_member_who_left_leads_to_no_page(client, browser_of, make):
    category = make.category(slug="tools")
    gone = make.member(username="gone", is_active=False)
    listing = make.listing(owner_id=gone.id, category_id=category.id, title="A drill")
    other = make.listing(category_id=category.id)
    watcher = make.member()
    make.watched(watcher, listing)
    browser = browser_of(watcher)
    for path in ("/", "/search?q=drill", "/categories/tools", f"/listings/{other.id}", "/my/saved"):
        page = browser.page(path)
        assert "Posted by gone" in text_of(page), path
        assert not [link for link in page.iter("a") if link.get("href") == "/members/gone"], path


@pytest.mark.parametrize("listings", [1, 30])
def test_it_takes_as_many_statements_for_one_listing_as_for_many(listings, member, client, browser_of, make):
    for _ in range(listings):
        make.listing(owner_id=member.id)
    client.page("/members/Wairisi")
    assert len(client.statements) == 7
    browser = browser_of(make.member())
    browser.page("/members/Wairisi")
    assert len(browser.statements) == 7
