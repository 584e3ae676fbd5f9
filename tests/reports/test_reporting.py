"""Members report what should not be on the site, and learn what became of it."""

import pytest

from marketplace.reports import actions
from tests.support.html import text_of

WORDS = {"reason": "fraud", "words": "It is not his."}


@pytest.fixture
def listing(make):
    return make.listing(title="A stolen bicycle")


def cases(rows):
    return [
        tuple(row)
        for row in rows("SELECT kind, object_id, listing_id, member_id, name FROM report_cases ORDER BY id")
    ]


def test_a_listing_is_reported(make, listing, browser_of, rows):
    member = make.member()
    browser = browser_of(member)
    path = f"/report/listing/{listing.id}"
    assert "Report this listing" in text_of(browser.page(path))
    answer = browser.submit(path, WORDS)
    assert (answer.status_code, answer.location) == (303, "/my/reports")
    assert cases(rows) == [("listing", listing.id, listing.id, listing.owner_id, "A stolen bicycle")]
    assert [tuple(row) for row in rows("SELECT reporter_id, reason, words FROM reports")] == [
        (member.id, "fraud", "It is not his.")
    ]
    page = text_of(browser.page("/my/reports"))
    assert "A stolen bicycle" in page
    assert "A moderator has yet to look at it." in page


def test_an_item_a_picture_and_a_member_are_reported(make, listing, browser_of, rows):
    ((item_id,),) = rows("SELECT id FROM listing_items")
    picture = make.picture(item_id=item_id, owner_id=listing.owner_id)
    ((name,),) = rows("SELECT username FROM users WHERE id = :id", id=listing.owner_id)
    browser = browser_of(make.member())
    for path in (f"/report/item/{item_id}", f"/report/picture/{picture.id}", f"/members/{name}/report"):
        browser.page(path)
        assert browser.submit(path, WORDS).status_code == 303
    assert [(kind, object_id, member_id) for kind, object_id, _, member_id, _ in cases(rows)] == [
        ("item", item_id, listing.owner_id),
        ("picture", picture.id, listing.owner_id),
        ("member", listing.owner_id, listing.owner_id),
    ]


def test_reports_about_one_thing_are_one_case_and_one_of_each_member(make, listing, browser_of, rows):
    path = f"/report/listing/{listing.id}"
    first, second = browser_of(make.member()), browser_of(make.member())
    for browser in (first, second, first):
        assert browser.submit(path, WORDS).status_code == 303
    assert len(cases(rows)) == 1
    assert rows("SELECT count(*) FROM reports") == [(2,)]
    assert first.get(path).location == "/my/reports"


def test_what_was_decided_can_be_reported_again(make, listing, browser_of, rows):
    browser, path = browser_of(make.member()), f"/report/listing/{listing.id}"
    browser.submit(path, WORDS)
    rows("UPDATE report_cases SET decision = 'dismiss', decided_at = now() RETURNING id")
    assert "found that it may stay" in text_of(browser.page("/my/reports"))
    browser.submit(path, WORDS)
    assert len(cases(rows)) == 2


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose what is wrong"),
        ({"reason": "screened"}, "Choose what is wrong"),
        ({"reason": "other"}, "Say in a few words what is wrong"),
        ({"reason": "spam", "words": "x" * 1001}, "Shorten this to 1,000 characters or fewer"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(form, sentence, make, listing, browser_of, rows):
    answer = browser_of(make.member()).submit(f"/report/listing/{listing.id}", form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert form.get("words", "") in answer.text
    assert cases(rows) == []


def test_nobody_reports_what_is_their_own(make, browser_of, rows):
    owner = make.member()
    listing = make.listing(owner_id=owner.id)
    browser = browser_of(owner)
    for path in (f"/report/listing/{listing.id}", f"/members/{owner.username}/report"):
        assert browser.get(path).status_code == 303
        assert browser.submit(path, WORDS).status_code == 303
    assert cases(rows) == []


def test_nobody_reports_what_they_cannot_see(make, browser_of):
    hidden = make.listing(status="archived")
    gone = make.member(is_active=False)
    browser = browser_of(make.member())
    for path in (
        f"/report/listing/{hidden.id}",
        f"/members/{gone.username}/report",
        "/report/picture/999999",
    ):
        assert browser.get(path).status_code == 404
        assert browser.submit(path, WORDS).status_code == 404
    assert browser.get("/report/draft/1").status_code == 404


def test_a_day_has_a_limit(make, listing, browser_of, rows, monkeypatch):
    monkeypatch.setattr(actions, "DAILY_MAXIMUM", 2)
    member = make.member()
    for _ in range(2):
        make.case(reporter=member)
    answer = browser_of(member).submit(f"/report/listing/{listing.id}", WORDS)
    assert answer.status_code == 422
    assert "as many as can be" in answer.text


def test_the_pages_lead_to_the_form_for_all_but_their_owner(make, client, browser_of, rows):
    owner = make.member()
    listing = make.listing(owner_id=owner.id)
    ((item_id,),) = rows("SELECT id FROM listing_items")
    picture = make.picture(item_id=item_id, owner_id=owner.id)
    pages = {
        f"/listings/{listing.id}": f"/report/listing/{listing.id}",
        f"/items/{item_id}": f"/report/item/{item_id}",
        f"/members/{owner.username}": f"/members/{owner.username}/report",
    }
    own, other = browser_of(owner), browser_of(make.member())
    for page, form in pages.items():
        for browser in (client, other, client):
            assert f'href="{form}"' in browser.get(page).text
        assert "/report" not in own.get(page).text
    assert f'href="/report/picture/{picture.id}"' in client.get(f"/listings/{listing.id}").text


def test_the_site_itself_asks_for_a_look(app, make, listing, browser_of, rows):
    from marketplace.extensions import db
    from marketplace.reports.queries import get_reported

    with app.test_request_context():
        for words in ("It has a link.", "It is the first one."):
            actions.report_by_site(get_reported("listing", listing.id, listing.owner_id), words)
        db.session.commit()
    ((case_id,),) = rows("SELECT id FROM report_cases")
    assert rows("SELECT count(*) FROM reports WHERE reporter_id IS NULL AND reason = 'screened'") == [(2,)]
    page = text_of(browser_of(make.moderator()).page(f"/moderation/cases/{case_id}"))
    assert "It has a link." in page
    assert "By the site itself" in page


def test_words_are_shown_as_they_are(make, listing, browser_of, rows):
    markup = "<script>alert(1)</script> & <b>"
    browser = browser_of(make.member())
    browser.submit(f"/report/listing/{listing.id}", {"reason": "other", "words": markup})
    ((case_id,),) = rows("SELECT id FROM report_cases")
    moderator = browser_of(make.administrator())
    reason = {"decision": "hide", "reason": markup, "version": "0"}
    assert moderator.submit(f"/moderation/cases/{case_id}", reason).status_code == 303
    ((owner_id, epoch),) = rows("SELECT id, session_epoch FROM users WHERE id = :id", id=listing.owner_id)
    owner = browser_of(type("Member", (), {"id": owner_id, "session_epoch": epoch}))
    for reader, path in (
        (browser, "/my/reports"),
        (moderator, f"/moderation/cases/{case_id}"),
        (moderator, "/moderation/log"),
        (owner, "/my/notices"),
        (owner, f"/listings/{listing.id}"),
    ):
        text = reader.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in text
