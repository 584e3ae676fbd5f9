"""What members say about themselves, on the form and on their public page."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.hostile import HOSTILE, SHOWN, seen
from tests.support.html import check_page, text_of


@pytest.fixture
def member(make):
    return make.member(username="Wairisi")


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def said(rows):
    return rows("SELECT member_id, about, area FROM profiles")


def facts(page):
    pairs = page.find(".//dl[@class='facts']")
    return {text_of(pair.find("dt")): text_of(pair.find("dd")) for pair in pairs}


def test_what_a_member_says_is_on_their_page(browser, member, client, rows):
    answer = browser.submit("/account/profile", {"about": "I mend\n\nbicycles.", "area": " Harbour  side"})
    assert (answer.status_code, answer.location) == (303, "/members/Wairisi")
    assert said(rows) == [(member.id, "I mend\n\nbicycles.", "Harbour  side")]
    page = client.page("/members/Wairisi")
    assert "I mend bicycles." in text_of(page)
    assert facts(page)["Area"] == "Harbour side"
    form = browser.page("/account/profile")
    assert form.find(".//textarea").text.strip() == "I mend\n\nbicycles."
    browser.submit("/account/profile", {"about": "", "area": ""})
    assert said(rows) == [(member.id, "", None)]
    page = client.page("/members/Wairisi")
    assert "bicycles" not in text_of(page)
    assert "Area" not in facts(page)


def test_the_area_is_what_they_say_or_that_of_their_newest_listing(make, member, client):
    make.listing(owner_id=member.id, area="Hill")
    assert facts(client.page("/members/Wairisi"))["Area"] == "Hill"
    make.profile(member, area="Harbour")
    assert facts(client.page("/members/Wairisi"))["Area"] == "Harbour"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("about", "a" * 501, "Shorten this to 500 characters or fewer"),
        ("about", "\u200b\u200b", "Write something that can be read, or leave this empty"),
        ("area", "a" * 81, "Shorten this to 80 characters or fewer"),
        ("area", "\u200b", "Write where you are in letters, or leave this empty"),
    ],
)
def test_a_mistake_has_its_sentence_and_what_was_typed_stays(field, typed, sentence, browser, rows):
    kept = {"about": "I mend bicycles.", "area": "Harbour"}
    answer = browser.submit("/account/profile", kept | {field: typed})
    assert answer.status_code == 422
    page = check_page(answer.text)
    assert sentence in text_of(page.find(".//*[@class='error-summary']"))
    area = page.find(".//input[@id='area']").get("value")
    shown = {"about": page.find(".//textarea").text.strip("\n"), "area": area}
    assert shown == kept | {field: typed}
    assert said(rows) == []


def test_500_characters_fit(browser, member, rows):
    browser.submit("/account/profile", {"about": "ä" * 500, "area": "b" * 80})
    assert said(rows) == [(member.id, "ä" * 500, "b" * 80)]


@pytest.mark.parametrize("name", SHOWN)
def test_it_is_shown_as_text(name, make, member, client, browser):
    written = HOSTILE[name].decode()[:500]
    make.profile(member, about=written, area=written[:80])
    for page in (client.page("/members/Wairisi"), browser.page("/account/profile")):
        typed = [element.get("value", "") for element in page.iter("input")]
        assert seen(written) in seen(" ".join([text_of(page), *typed]))
        for script in page.iter("script"):
            assert script.get("src").startswith("/static/js/")
            assert not script.text


def test_a_link_in_it_is_not_vouched_for_and_leads_to_the_web_alone(make, member, client):
    make.profile(member, about="See https://example.org/a and javascript:alert(1) <a href=//x>x</a>")
    words = client.page("/members/Wairisi").find(".//*[@class='prose']")
    links = [(a.get("href"), a.get("rel")) for a in words.iter("a")]
    assert links == [("https://example.org/a", "nofollow ugc")]


def test_nothing_is_said_while_its_member_is_suspended(make, client, rows):
    suspended = make.suspended(username="Kanaho")
    make.profile(suspended, about="I am back soon.", area="Secret")
    text = text_of(client.page("/members/Kanaho"))
    assert "back soon" not in text
    assert "Secret" not in text
    rows(
        "UPDATE users SET suspended_until = :then RETURNING id",
        then=datetime.now(UTC) - timedelta(seconds=1),
    )
    assert "back soon" in text_of(client.page("/members/Kanaho"))


def test_it_is_everybodys_own(browser, browser_of, make, member, rows):
    other = make.member()
    make.profile(other, about="Mine.")
    browser.submit("/account/profile", {"about": "Hers.", "member_id": str(other.id)})
    assert set(said(rows)) == {(other.id, "Mine.", None), (member.id, "Hers.", None)}


def test_it_goes_with_its_member(make, member, rows):
    make.profile(member)
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=member.id)
    assert said(rows) == []


def test_mornings_are_those_of_the_chosen_time_zone_and_nobody_elses_to_see(browser_of, client, make, rows):
    member = make.member()
    browser = browser_of(member)
    page = browser.page("/account/profile")
    select = page.find(".//select[@name='time_zone']")
    assert [
        option.get("value") for option in select.iter("option") if option.get("selected") is not None
    ] == ["UTC"]
    form = {"about": "", "area": "", "time_zone": "America/Argentina/Buenos_Aires"}
    assert browser.submit("/account/profile", form).status_code == 303
    assert rows("SELECT time_zone FROM profiles") == [("America/Argentina/Buenos_Aires",)]
    assert "Buenos" not in client.get(f"/members/{member.username}").text
    chosen = browser.page("/account/profile").findall(".//option[@selected]")
    assert [option.text for option in chosen] == ["Argentina/Buenos Aires"]
    for wrong in ("", "Nowhere/Land", "../UTC", "utc", "x" * 100):
        answer = browser.submit("/account/profile", form | {"time_zone": wrong})
        assert answer.status_code == 422
        assert "Choose a time zone from the list" in answer.text
