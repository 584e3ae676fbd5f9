"""Members choose what they get letters about: on their page or by a letter's link, and both are one."""

import pytest

from marketplace.mail.addresses import unsubscribe_token
from tests.conftest import new_client
from tests.support.html import text_of

PAGE = "/account/notifications"
UNWANTED = "SELECT topic FROM unsubscribed_topics WHERE member_id = :id ORDER BY topic"
CHOSEN = "SELECT kind, letters FROM notification_choices WHERE member_id = :id ORDER BY kind"
LETTERS = "SELECT name FROM outbox"


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def stop(app, connection):
    """Does what a mail program does when its button is pressed."""

    def press(member, topic):
        with app.app_context():
            path = f"/unsubscribe/{unsubscribe_token(member.id, topic)}"
        return new_client(app).post(path, data={"List-Unsubscribe": "One-Click"}), path

    return press


def shown(browser):
    """What is chosen on the page, by the names of its fields."""
    page = browser.page(PAGE)
    radios = [each for each in page.iter("input") if each.get("type") == "radio"]
    return {each.get("name"): each.get("value") for each in radios if each.get("checked") is not None}


def test_a_member_who_never_chose_sees_what_comes(browser_of, member):
    browser = browser_of(member)
    assert shown(browser) == {"listing_ends": "at_once", "told": "at_once", "seen": "daily"}
    page = browser.page(PAGE)
    legends = [text_of(each) for each in page.iter("legend")]
    assert legends == [
        "One of your listings ends in a week",
        "Somebody tells you something",
        "Somebody looked",
    ]


def test_letters_alone_are_not_offered_once_a_day(browser_of, member):
    page = browser_of(member).page(PAGE)
    offered = {
        name: [each.get("value") for each in page.iter("input") if each.get("name") == name]
        for name in ("listing_ends", "told")
    }
    assert offered == {"listing_ends": ["at_once", "none"], "told": ["at_once", "daily", "none"]}


def test_what_is_chosen_is_kept_and_shown(browser_of, member, make, rows):
    browser, other = browser_of(member), make.member()
    chosen = {"listing_ends": "none", "told": "daily", "seen": "none"}
    assert browser.submit(PAGE, chosen).location == PAGE
    assert shown(browser) == chosen
    assert [row.topic for row in rows(UNWANTED, id=member.id)] == ["listing_ends", "seen"]
    assert shown(browser_of(other)) == {"listing_ends": "at_once", "told": "at_once", "seen": "daily"}
    # Back again, and again the same.
    chosen = {"listing_ends": "at_once", "told": "at_once", "seen": "at_once"}
    for _ in range(2):
        browser.submit(PAGE, chosen)
        assert shown(browser) == chosen
        assert rows(UNWANTED, id=member.id) == []


def test_what_was_not_sent_stays_as_it_was(browser_of, member, rows):
    browser = browser_of(member)
    browser.submit(PAGE, {"told": "none", "seen": "at_once"})
    browser.submit(PAGE, {"told": "daily"})
    browser.submit(PAGE)
    assert shown(browser) == {"listing_ends": "at_once", "told": "daily", "seen": "at_once"}


@pytest.mark.parametrize(
    "wrong", [{"told": "weekly"}, {"told": ""}, {"listing_ends": "daily"}, {"told": "daily\x00"}], ids=str
)
def test_what_is_not_offered_is_refused_and_nothing_is_kept(wrong, browser_of, member, rows):
    browser = browser_of(member)
    assert browser.submit(PAGE, {"seen": "none", **wrong}).status_code == 400
    assert rows(UNWANTED, id=member.id) == rows(CHOSEN, id=member.id) == []


def test_the_letters_link_and_the_page_are_one(browser_of, member, stop, rows, tell):
    browser = browser_of(member)
    answer, path = stop(member, "told")
    assert answer.status_code == 303
    assert shown(browser)["told"] == "none"
    tell(member)
    assert rows(LETTERS) == []
    assert "You get no more letters of this kind: Somebody tells you" in text_of(browser.page(path))
    browser.submit(PAGE, {"told": "at_once"})
    assert "You get this kind of letter: Somebody tells you" in text_of(browser.page(path))
    tell(member)
    assert rows(LETTERS) == [("told",)]
    browser.submit(PAGE, {"told": "none"})
    assert "You get no more letters of this kind" in text_of(browser.page(path))


def test_the_link_of_the_letter_of_the_day_stops_all_that_is_in_it(browser_of, member, stop, rows):
    browser = browser_of(member)
    browser.submit(PAGE, {"told": "daily"})
    answer, path = stop(member, "notification_digest")
    assert answer.status_code == 303
    assert shown(browser) == {"listing_ends": "at_once", "told": "none", "seen": "none"}
    assert "You get no more letters of this kind" in text_of(browser.page(path))
    # One of them back, and the letter of the day comes again.
    browser.submit(PAGE, {"seen": "daily"})
    assert "You get this kind of letter: What is new, once a day" in text_of(browser.page(path))


def test_the_site_tells_whatever_letters_are_wanted(browser_of, member, make, tell, rows):
    make.unsubscribed(member, "told")
    tell(member)
    assert rows("SELECT count(*) FROM notifications WHERE digest_at IS NULL AND mailed_at IS NULL") == [(1,)]
    assert "has something for you" in text_of(browser_of(member).page("/notifications"))


def test_the_page_of_the_account_leads_there(browser_of, member):
    page = browser_of(member).page("/account")
    section = page.find(".//section[@aria-labelledby='notifications']")
    assert PAGE in [link.get("href") for link in section.iter("a")]
