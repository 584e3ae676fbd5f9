"""How many SQL statements each page sends: pinned, and the same for one listing as for many."""

import pytest

from tests.support.posting import publish, publish_edit

# (visitor, member, owner): the member behind a session costs one statement, which a listing's owner
# saves where the listing is read together with its owner. A refused member is read again for the page. The
# header of a member's page costs one more, which counts what the member has not read.
# What the process knows already is forgotten before each; the version of the content is not counted.
PAGES = {
    "/": (5, 6, 6),
    "/login": (0, 1, 1),
    "/register": (0, 1, 1),
    "/account/devices": (0, 2, 2),
    "/account/confirm": (0, 1, 1),
    "/login/code": (0, 1, 1),
    "/account/second-factor": (0, 2, 3),
    "/account/second-factor/set-up": (0, 2, 2),
    "/account": (0, 4, 4),
    "/account/profile": (0, 2, 2),
    "/account/verify": (0, 1, 1),
    "/account/password": (0, 1, 1),
    "/account/address": (0, 1, 1),
    "/account/address/sent": (0, 1, 1),
    "/account/notifications": (0, 3, 3),
    "/notifications": (0, 2, 2),
    "/notifications/count": (0, 1, 1),
    "/account/data": (0, 1, 1),
    "/account/delete": (0, 1, 1),
    "/account/leaving": (0, 1, 1),
    "/password/forgot": (0, 1, 1),
    "/password/forgot/sent": (0, 1, 1),
    "/outbox": (0, 1, 1),
    "/categories/tools": (6, 7, 7),
    "/listings/{listing_id}": (5, 7, 6),
    "/items/{item_id}": (5, 7, 6),
    "/search?kind=offered&type=permanent&max=900": (6, 7, 7),
    "/search.atom?q=listing": (6, 7, 7),
    "/my/saved/searches/new?q=listing": (0, 2, 2),
    "/members/member-1": (7, 8, 8),
    "/robots.txt": (0, 0, 0),
    "/sitemap.xml": (1, 1, 1),
    "/sitemaps/pages.xml": (1, 1, 1),
    "/my/saved": (0, 4, 6),
    "/my/listings": (0, 3, 3),
    "/my/listings?tab=drafts": (0, 3, 3),
    "/listings/new": (0, 4, 4),
    "/listings/{listing_id}/edit": (0, 3, 9),
    "/drafts/{draft_id}": (0, 3, 6),
    "/drafts/{draft_id}/check": (0, 3, 4),
    "/listings/{listing_id}/delete": (0, 3, 2),
    "/report/listing/{listing_id}": (0, 3, 2),
    "/members/member-1/report": (0, 3, 2),
    "/members/member-1/block": (0, 2, 3),
    "/swaps": (0, 3, 3),
    "/items/{item_id}/ask": (0, 2, 2),
    "/items/{item_id}/swap": (0, 5, 2),
    "/my/reports": (0, 2, 2),
    "/my/notices": (0, 2, 2),
    "/moderation": (0, 2, 2),
    "/moderation/log": (0, 2, 2),
    "/moderation/words": (0, 2, 2),
    "/moderation/categories": (0, 2, 2),
    "/moderation/categories/new": (0, 2, 2),
    "/style-guide": (0, 1, 1),
    "/nowhere": (0, 1, 1),
}


@pytest.fixture
def addresses(make, rows):
    """Fills the site with listings and items, and returns PAGES with the ids of one of them."""

    def fill(owner, listings, items):
        tools = make.category(slug="tools")
        for number in range(listings):
            below = make.category(tools)
            made = [make.listing(owner_id=owner.id, category_id=below.id, items=[{}] * items)]
            make.watched(owner, made[0])
            make.notification(owner, by_id=owner.id)
            if number % 2:
                made.append(make.listing(owner_id=owner.id, status="archived", category_id=below.id))
        make.second_factor(owner)
        item_id = rows("SELECT min(id) FROM listing_items WHERE listing_id = :id", id=made[0].id)[0][0]
        draft = make.draft(
            {
                "title": "Tools",
                "category_id": str(tools.id),
                "lifetime_days": "30",
                "offers": [{"name": f"Drill {number}"} for number in range(items)],
            },
            owner_id=owner.id,
        )
        ids = {"listing_id": made[0].id, "item_id": item_id, "draft_id": draft.id}
        return {page: page.format(**ids) for page in PAGES}

    return fill


@pytest.mark.parametrize(("listings", "items"), [(2, 1), (60, 1), (2, 20)])
def test_each_page_sends_as_many_statements_as_the_table_says(
    listings, items, addresses, app, client, browser_of, make
):
    owner = make.member()
    paths = addresses(owner, listings, items)
    browsers = [client, browser_of(make.member()), browser_of(owner)]
    counted = {}
    for page, path in paths.items():
        for browser in browsers:
            app.extensions["page_store"].clear()
            app.extensions.pop("category_tree", None)
            browser.get(path)
        counted[page] = tuple(len(browser.statements) for browser in browsers)
    assert counted == PAGES


@pytest.mark.parametrize("items", [1, 20])
def test_saving_a_listing_sends_as_many_statements_for_one_item_as_for_many(items, browser_of, make, rows):
    owner = make.member()
    browser = browser_of(owner)
    form = {"title": "Tools", "category_id": make.category().id}
    form |= {f"offers-{number}-name": f"Tool {number}" for number in range(items)}
    assert publish(browser, form).status_code == 303
    assert len(browser.statements) == 9
    listing_id = rows("SELECT max(id) FROM listings")[0][0]
    form |= {
        f"offers-{number}-id": item_id
        for number, (item_id,) in enumerate(rows("SELECT id FROM listing_items ORDER BY id"))
    }
    form |= {f"offers-{number}-name": f"Better tool {number}" for number in range(items)}
    assert publish_edit(browser, listing_id, form).status_code == 303
    assert len(browser.statements) == 14
