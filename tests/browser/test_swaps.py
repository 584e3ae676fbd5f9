"""Two members side by side, each in their own browser: a swap, and a loan; with scripts and without."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from marketplace import clock
from tests.support.browser import as_if_well, log_in

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])


@pytest.fixture
def ama(make_live):
    return make_live.member()


@pytest.fixture
def boa(make_live):
    return make_live.member()


@pytest.fixture
def thing(make_live):
    """Saves an item of a member in a listing of its own."""

    def save(member, name, **values):
        listing = make_live.listing(owner_id=member.id, items=[], title=f"{name} and more")
        return make_live.item(listing, name=name, **values)

    return save


@pytest.fixture
def browser_of(open_page, scripts):
    """Opens the front page in a browser in which the member is logged in."""

    def open_browser(member, **options) -> Page:
        page = open_page("/", java_script_enabled=scripts, **options)
        log_in(page, member.username)
        return page

    return open_browser


@pytest.fixture
def remind(live_app):
    """Does what `flask swaps remind` does."""

    def run():
        result = live_app.test_cli_runner().invoke(args=["swaps", "remind"])
        assert result.exit_code == 0, result.output

    return run


def begin(page: Page, item, name: str) -> None:
    """Go from an item's page to the form to propose a swap."""
    page.goto(f"/items/{item.id}")
    page.get_by_role("link", name="Propose a swap").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Propose a swap to {name}")


def send(page: Page) -> str:
    """Look a proposal over and send it; return the address of the swap."""
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look over your proposal")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your proposal is sent.")).to_be_visible()
    return urlsplit(page.url).path


def half(page: Page, name: str):
    return page.get_by_role("group", name=name)


def write(page: Page, words: str) -> None:
    """Send a message in the thread of a swap."""
    page.get_by_label("Your message").fill(words)
    page.locator("#thread").get_by_role("button", name="Send").click()
    expect(page.locator("#thread").get_by_text(words)).to_be_visible()


def review(page: Page, thumbs: str, words: str) -> None:
    page.get_by_role("link", name="Say how it went").click()
    page.get_by_label(thumbs).check()
    page.get_by_label("A few words about it").fill(words)
    page.get_by_role("button", name="Say so").click()


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("main")).to_contain_text(words)


@SCRIPTS
def test_from_a_listing_to_a_swap_with_reviews(scripts, browser_of, ama, boa, thing):
    drill, saw = thing(ama, "Drill", value=60), thing(ama, "Saw", value=25)
    bicycle, pump = thing(boa, "Bicycle", value=120), thing(boa, "Pump", value=10)
    one, other = browser_of(ama), browser_of(boa, viewport={"width": 360, "height": 740})

    begin(one, bicycle, boa.username)
    expect(half(one, "You get").get_by_label("Bicycle")).to_be_checked()
    half(one, "You give").get_by_label("Drill").check()
    half(one, "You get").get_by_label("Pump").check()
    if scripts:
        says(one, "You give about 60 and get about 130. You would give 70 less (54 %).")
    one.get_by_label("A few words with it").fill("Shall we swap?")
    swap = send(one)
    says(one, f"{boa.username} can answer until")

    # The other one sees it at once, and would rather have the saw as well.
    other.goto("/swaps")
    says(other, "Waiting for you")
    other.get_by_role("link", name=re.compile(ama.username)).click()
    says(other, "Shall we swap?")
    says(other, "It is your turn")
    other.get_by_role("link", name="Change it and send it back").click()
    expect(half(other, "You give").get_by_label("Bicycle")).to_be_checked()
    expect(half(other, "You get").get_by_label("Drill")).to_be_checked()
    half(other, "You get").get_by_label("Saw").check()
    assert send(other) == swap

    one.goto(swap)
    says(one, "It is your turn")
    changes = one.get_by_role("list", name="Changed since the proposal before")
    expect(changes).to_contain_text("Saw")
    one.get_by_role("button", name="Accept").click()
    expect(one.get_by_text("You have accepted.")).to_be_visible()

    # Nobody else can be promised what is promised.
    one.goto(f"/items/{pump.id}")
    expect(one.get_by_text("On hold")).to_be_visible()

    one.goto(swap)
    write(one, "On Saturday at the library?")
    other.goto(swap)
    says(other, "On Saturday at the library?")
    write(other, "Gladly, at ten.")
    other.get_by_role("link", name="Say where and when").click()
    other.get_by_label("Where?").fill("Library, at the door")
    other.get_by_label("On which day?").fill((datetime.now(UTC) + timedelta(days=3)).date().isoformat())
    other.get_by_label("At what time?").fill("10:00")
    other.get_by_role("button", name="Say so").click()
    one.goto(swap)
    says(one, "Gladly, at ten.")
    says(one, "Library, at the door")
    with one.expect_download() as download:
        one.get_by_role("link", name="Put it into your calendar").click()
    assert download.value.suggested_filename.endswith(".ics")

    for page in (one, other):
        page.goto(swap)
        page.get_by_role("link", name="I gave and got everything").click()
        page.get_by_role("button", name="I gave and got everything").click()
    says(other, "All has changed hands.")

    review(other, "Good", "Kind, and on time.")
    says(other, "It is shown when")
    one.goto(swap)
    expect(one.get_by_text("Kind, and on time.")).to_have_count(0)
    review(one, "Good", "A fine bicycle.")
    says(one, "Kind, and on time.")
    one.goto(f"/members/{boa.username}")
    says(one, "A fine bicycle.")
    expect(one.get_by_role("definition").filter(has_text="1 completed")).to_be_visible()
    for page, item in ((one, bicycle), (one, pump), (other, drill), (other, saw)):
        assert page.request.get(f"/items/{item.id}").status == 410


@SCRIPTS
def test_a_loan_that_is_renewed_and_overdue_and_comes_back(browser_of, ama, boa, thing, remind, monkeypatch):
    tent = thing(boa, "Tent", exchange_type="temporary", duration_days=9, value=200)
    stove = thing(boa, "Stove", exchange_type="temporary", duration_days=9)
    one, other = browser_of(ama), browser_of(boa)
    today = datetime.now(UTC).date()

    def later(**span: int) -> None:
        moment = clock.now() + timedelta(**span)
        monkeypatch.setattr(clock, "now", lambda: moment)

    begin(one, tent, boa.username)
    one.get_by_label("From Tent").fill((today + timedelta(days=1)).isoformat())
    one.get_by_label("To Tent").fill((today + timedelta(days=3)).isoformat())
    swap = send(one)
    says(one, "This is a gift")

    other.goto(swap)
    other.get_by_role("button", name="Accept").click()
    later(days=1)
    for page, condition in ((other, "Good"), (one, "Good")):
        page.goto(swap)
        page.get_by_role("link", name="I gave and got everything").click()
        page.get_by_label("In which condition is it?").select_option(condition)
        page.get_by_role("button", name="I gave and got everything").click()
    says(one, "On loan")
    says(one, "When it was handed over: Good.")

    one.get_by_role("link", name="Ask to keep it longer").click()
    one.get_by_label("Until which day?").fill((today + timedelta(days=5)).isoformat())
    one.get_by_label("At what time is it back?").fill("18:00")
    one.get_by_role("button", name="Ask").click()
    other.goto(swap)
    says(other, f"{ama.username} asks to keep it until")
    other.get_by_role("button", name="Lend it for longer").click()
    one.goto(swap)
    says(one, f"Due on {today + timedelta(days=5):%-d %B %Y}, 18:00")

    # It does not come back on its day: both are told, and nothing else is lent until it has.
    later(days=7)
    remind()
    one.goto("/notifications")
    says(one, "Tent")
    one.goto(swap)
    says(one, "Overdue")
    begin(one, stove, boa.username)
    one.get_by_label("From Stove").fill((today + timedelta(days=20)).isoformat())
    one.get_by_label("To Stove").fill((today + timedelta(days=22)).isoformat())
    one.get_by_role("button", name="Look it over").click()
    one.context.route("**/swap", as_if_well(409))
    one.get_by_role("button", name="Send").click()
    says(one, "Nobody borrows anything more while something else should have been back")

    for page in (one, other):
        page.goto(swap)
        page.get_by_role("link", name="It is back").click()
        page.get_by_role("button", name="It is back").click()
    says(other, "All has changed hands.")
    other.goto(f"/items/{tent.id}")
    expect(other.get_by_text("On hold")).to_have_count(0)
