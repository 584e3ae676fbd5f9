"""Every page fits narrow and wide windows, in light and dark, with the longest texts that the rules allow."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.browser import as_if_well, log_in
from tests.support.contrast import contrast, luminance

# 640 is a window of 1280 at a zoom of 200 %.
WIDTHS = (320, 640, 1280)

# Wider than the window by more than a rounding error; names the widest element that sticks out.
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width + 1) return null;
    let worst = null, edge = width;
    for (const element of document.body.querySelectorAll('*')) {
        const right = element.getBoundingClientRect().right;
        if (right > edge + 1) { worst = element; edge = right; }
    }
    return document.documentElement.scrollWidth + ' wide: ' + (worst ? worst.outerHTML.slice(0, 200) : '?');
}"""


@pytest.fixture(scope="session")
def long_listing(make_live):
    """A listing whose every text is one unbroken word of the greatest length."""
    owner = make_live.member(username="x" * 30)
    root = make_live.category(name="w" * 80, slug="w" * 80)
    below = make_live.category(root, name="v" * 80, slug="v" * 80)
    listing = make_live.listing(
        owner_id=owner.id,
        category_id=below.id,
        title="T" * 120,
        description="d" * 5000,
        items=[
            {"name": "N" * 120, "description": "e" * 2000, "value": 1_000_000_000},
            {"name": "L" * 120, "exchange_type": "temporary", "duration_days": 365},
            {"name": "W" * 120, "kind": "want"},
        ],
    )
    item = make_live.item(listing, name="I" * 120, description="f" * 2000)
    paths = {
        "home": "/",
        "category": f"/categories/{root.slug}/{below.slug}",
        "parent category": f"/categories/{root.slug}",
        "listing": f"/listings/{listing.id}",
        "item": f"/items/{item.id}",
        "member": f"/members/{owner.username}",
        "log in": "/login",
        "register": "/register",
        "style guide": "/style-guide",
    }
    words = {"name": "N" * 120, "description": "e" * 2000, "value": "1" * 200, "condition": "broken"}
    texts = {"title": "T" * 120, "category_id": str(below.id), "description": "d" * 5000, "area": "A" * 80}
    valid = {**words, "value": "1000000000", "exchange_type": "temporary", "duration_days": "365"}
    refused = make_live.draft({**texts, "offers": [words, words], "wants": [words]}, owner_id=owner.id)
    accepted = make_live.draft({**texts, "offers": [valid, valid], "wants": [valid]}, owner_id=owner.id)
    own = {
        "draft": f"/drafts/{refused.id}",
        "refused draft": f"/drafts/{refused.id}/check",
        "check": f"/drafts/{accepted.id}/check",
        "discard": f"/drafts/{accepted.id}/discard",
        "my drafts": "/my/listings?tab=drafts",
        "post": "/listings/new",
        "edit": f"/listings/{listing.id}/edit",
        "delete": f"/listings/{listing.id}/delete",
        "mine": "/my/listings",
        "own listing": f"/listings/{listing.id}",
    }
    return owner, paths, own


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_its_window(open_page, long_listing, scheme):
    owner, paths, own = long_listing
    page = open_page("/", color_scheme=scheme)
    faults = []

    def look(name: str, path: str) -> None:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if fault := page.evaluate(OVERFLOW):
                faults.append(f"{name} at {width}: {fault}")

    for name, path in paths.items():
        look(name, path)
    log_in(page, owner.username)
    for name, path in own.items():
        look(name, path)
    assert faults == []


@pytest.mark.parametrize("width", [320, 360])
def test_a_long_name_is_cut_and_the_way_out_stays_beside_it(open_page, long_listing, width):
    owner, _, _ = long_listing
    page = open_page("/", viewport={"width": width, "height": 800})
    log_in(page, owner.username)
    header = page.get_by_role("banner")
    places = [
        header.get_by_role("link", name=owner.username).bounding_box(),
        header.get_by_role("button", name="Log out").bounding_box(),
    ]
    middles = {round(place["y"] + place["height"] / 2) for place in places}
    assert max(middles) - min(middles) <= 1
    assert places[0]["width"] > 60
    # The words are in one line, too.
    assert places[1]["height"] <= 44


def test_a_refused_form_fits_too(open_page, long_listing):
    owner, _, _ = long_listing
    page = open_page("/", viewport={"width": 320, "height": 800})
    log_in(page, owner.username)
    page.goto("/listings/new")
    page.get_by_role("button", name="Check your listing").last.click()
    page.get_by_role("alert").wait_for()
    # Before its style sheets have come, a page is as wide as its longest word.
    page.wait_for_load_state("load")
    assert page.evaluate(OVERFLOW) is None
    page.wait_for_function("document.activeElement.getAttribute('role') === 'alert'")


def test_a_page_of_a_listing_that_is_gone_fits_too(open_page, make_live):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    listing = make_live.listing(title="T" * 120, lifetime_days=30, expires_at=yesterday)
    page = open_page("/", viewport={"width": 320, "height": 800})
    page.route(f"**/listings/{listing.id}", as_if_well(410))
    page.goto(f"/listings/{listing.id}")
    assert page.evaluate(OVERFLOW) is None


@pytest.mark.parametrize("path", ["/", "/login", "/register"])
def test_light_and_dark_differ_and_keep_their_contrast(open_page, path):
    grounds = {}
    for scheme in ("light", "dark"):
        page = open_page(path, color_scheme=scheme)
        ground, ink = page.evaluate(
            """() => {
                const style = getComputedStyle(document.body);
                return [style.backgroundColor, style.color];
            }"""
        )
        assert contrast(ground, ink) >= 7, f"{scheme}: {ink} on {ground}"
        grounds[scheme] = luminance(ground)
    assert grounds["light"] > 0.5 > grounds["dark"]
