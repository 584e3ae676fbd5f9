"""Moderators decide cases: each decision does what it says, is told, and is in the log."""

from urllib.parse import urlencode

import pytest

from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.support.hostile import HOSTILE
from tests.support.html import text_of
from tests.support.posting import publish_edit

URLENCODED = "application/x-www-form-urlencoded"


def log(rows):
    return [
        tuple(row)
        for row in rows(
            "SELECT actor_id, action, object_kind, object_id, member_id, reason FROM audit_log ORDER BY id"
        )
    ]


def state(rows, case):
    return tuple(rows("SELECT decision, decided_by, version FROM report_cases WHERE id = :id", id=case.id)[0])


def test_the_queue_has_the_oldest_first_and_groups_reports(make, case, browser_of, moderator):
    make.report(case)
    later = make.case(name="A later one")
    page = browser_of(moderator).page("/moderation")
    links = [link.get("href") for link in page.findall(".//main//h3/a")]
    assert links == [f"/moderation/cases/{case.id}", f"/moderation/cases/{later.id}"]
    assert "2 reports" in text_of(page)


def test_the_queue_goes_on_where_a_page_ends(make, browser_of, moderator, monkeypatch):
    from marketplace.moderation import queries

    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    cases = [make.case() for _ in range(3)]
    browser = browser_of(moderator)
    page = browser.page("/moderation")
    (more,) = [link.get("href") for link in page.iter("a") if "after=" in link.get("href", "")]
    links = [link.get("href") for link in browser.page(more).findall(".//main//h3/a")]
    assert links == [f"/moderation/cases/{cases[2].id}"]
    assert browser.get("/moderation?after=x").status_code == 404


def test_a_case_shows_all_that_is_needed(make, case, owner, browser_of, moderator, rows):
    rows("UPDATE listings SET description = 'From my cellar.' RETURNING id")
    make.measure(owner, reason="You were warned before.")
    other = make.case(make.listing(owner_id=owner.id, title="A saw"))
    words = text_of(browser_of(moderator).page(f"/moderation/cases/{case.id}"))
    for part in ("A theremin", "From my cellar.", "Owner", "You were warned before.", "A saw", "Spam"):
        assert part in words
    assert str(other.id)


def test_a_dismissal_changes_nothing_but_the_case(case, decide, moderator, owner, rows):
    assert decide(case, "dismiss", reason="").status_code == 303
    assert state(rows, case) == ("dismiss", moderator.id, 1)
    assert rows("SELECT count(*) FROM measures") == [(0,)]
    assert rows("SELECT notice_at FROM users WHERE id = :id", id=owner.id) == [(None,)]
    assert log(rows) == [(moderator.id, "dismiss", "listing", case.object_id, owner.id, "")]


def test_a_listing_is_hidden_and_shown_again(
    case, decide, listing, owner, moderator, browser_of, client, rows
):
    assert client.get(f"/listings/{listing.id}").status_code == 200
    assert decide(case, "hide").status_code == 303
    assert client.get(f"/listings/{listing.id}").status_code == 410
    assert "A theremin" not in client.get(f"/listings/{listing.id}").text
    own = text_of(browser_of(owner).page(f"/listings/{listing.id}"))
    assert "A moderator has hidden your listing" in own
    assert "It breaks the rules." in own
    assert "Only its owner and moderators see this listing." in text_of(
        browser_of(moderator).page(f"/listings/{listing.id}")
    )
    assert decide(case, "show_again", "It was a mistake.", version=1).status_code == 303
    assert client.get(f"/listings/{listing.id}").status_code == 200
    assert state(rows, case) == ("hide", moderator.id, 2)
    assert [row[1] for row in log(rows)] == ["hide", "show_again"]
    assert rows("SELECT before ->> 'hidden' FROM audit_log ORDER BY id") == [("false",), ("true",)]


def test_its_owner_can_edit_but_not_show_a_hidden_listing(case, decide, listing, owner, browser_of, rows):
    decide(case, "hide")
    browser = browser_of(owner)
    form = {"title": "A better theremin", "category_id": listing.category_id, "offers-0-name": "It"}
    assert publish_edit(browser, listing.id, form).status_code == 303
    for act in ("restore", "renew"):
        answer = browser.submit(f"/listings/{listing.id}/{act}")
        assert answer.status_code == 303
        assert "only a moderator can show it again" in browser.get(answer.location).text
    for act in ("archive", "restore", "renew"):
        browser.submit("/my/listings", {"act": act, "id": str(listing.id)})
    assert rows("SELECT hidden_at IS NOT NULL FROM listings") == [(True,)]
    assert rows("SELECT count(*) FROM search_entries") == [(0,)]
    assert "A better theremin" in text_of(browser.page("/my/listings?tab=hidden"))
    assert "A better theremin" not in text_of(browser.page("/my/listings"))


def test_a_picture_is_removed(make, listing, owner, decide, rows):
    ((item_id,),) = rows("SELECT id FROM listing_items")
    picture = make.picture(item_id=item_id, owner_id=owner.id)
    case = make.case(listing, kind="picture", object_id=picture.id)
    assert decide(case, "remove_picture").status_code == 303
    # Its owner cannot choose it again either, in a form that was open meanwhile.
    assert rows("SELECT item_id, owner_id FROM pictures") == [(None, None)]
    assert rows("SELECT kind, reason FROM measures") == [("picture_removed", "It breaks the rules.")]


def test_a_warning_is_on_every_page_until_it_was_read(case, decide, owner, browser_of, client):
    browser = browser_of(owner)
    assert "A moderator has a notice for you" not in browser.get("/").text
    decide(case, "warn", "Please describe what you have.")
    for path in ("/", "/my/listings", "/search"):
        assert "A moderator has a notice for you" in browser.get(path).text
        assert "A moderator has a notice for you" not in client.get(path).text
    assert "Please describe what you have." in text_of(browser.page("/my/notices"))
    assert browser.submit("/my/notices").status_code == 303
    assert "A moderator has a notice for you" not in browser.get("/").text
    assert "Please describe what you have." in text_of(browser.page("/my/notices"))


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"decision": ""}, "Choose what is to be done"),
        ({"decision": "lift"}, "Choose what is to be done"),
        ({"decision": "remove_picture"}, "Choose what is to be done"),
        ({"decision": "hide", "reason": " "}, "Give a reason: the member reads it"),
        ({"decision": "suspend"}, "Say for how many days: 1 to 365"),
        ({"decision": "suspend", "days": "0"}, "Say for how many days: 1 to 365"),
        ({"decision": "suspend", "days": "366"}, "Say for how many days: 1 to 365"),
        ({"decision": "suspend", "days": "some"}, "Enter a whole number, such as 40"),
    ],
)
def test_what_is_wrong_with_a_decision_is_said(form, sentence, case, decide, rows):
    answer = decide(case, **form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert state(rows, case) == (None, None, 0)
    assert log(rows) == []


@pytest.mark.parametrize("field", ["decision", "days", "reason", "version"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_kept_as_text_or_refused(text, field, case, browser_of, moderator, owner):
    browser = browser_of(moderator)
    form = {"decision": "suspend", "days": "3", "reason": "A rest.", "version": "0", field: text}
    token = {"csrf_token": browser.csrf_token()}
    answer = browser.post(
        f"/moderation/cases/{case.id}", data=urlencode(form | token), content_type=URLENCODED
    )
    assert answer.status_code in (303, 409, 422)
    browser.page("/moderation/log", 404)
    browser.page(f"/moderation/cases/{case.id}")


def test_a_case_that_was_decided_meanwhile_is_not_decided_again(make, case, decide, rows):
    first, second = make.moderator(), make.moderator()
    assert decide(case, "dismiss", by=first).status_code == 303
    answer = decide(case, "hide", "I typed this.", by=second)
    assert answer.status_code == 409
    assert "Somebody has decided about this meanwhile" in answer.text
    assert state(rows, case) == ("dismiss", first.id, 1)
    assert len(log(rows)) == 1


def test_a_case_about_what_is_gone_can_still_be_decided(case, listing, decide, browser_of, moderator, rows):
    rows("DELETE FROM listings WHERE id = :id RETURNING id", id=listing.id)
    page = text_of(browser_of(moderator).page(f"/moderation/cases/{case.id}"))
    assert "It is gone: its owner deleted it." in page
    assert "Hide the listing" not in page
    assert decide(case, "hide").status_code == 422
    assert decide(case, "dismiss").status_code == 303


def test_nobody_judges_their_own_case(make, decide, rows, moderator, browser_of):
    about_oneself = make.case(make.listing(owner_id=moderator.id))
    own_report = make.case(reporter=moderator)
    for case in (about_oneself, own_report):
        assert "somebody else must decide it" in text_of(
            browser_of(moderator).page(f"/moderation/cases/{case.id}")
        )
        assert decide(case, "dismiss").status_code == 403
        assert state(rows, case) == (None, None, 0)
    assert log(rows) == []


@pytest.mark.parametrize("role", ["moderator", "administrator"])
def test_moderators_are_judged_by_administrators(role, make, decide, rows):
    case = make.case(make.listing(owner_id=make.member(role=role).id))
    answer = decide(case, "suspend", days="3")
    assert answer.status_code == 403
    assert "another administrator must decide it" in answer.text
    assert rows("SELECT count(*) FROM users WHERE suspended_until IS NOT NULL") == [(0,)]
    assert decide(case, "suspend", by=make.administrator(), days="3").status_code == 303


def test_who_is_no_longer_a_moderator_decides_nothing(case, decide, moderator, rows):
    rows("UPDATE users SET role = 'member' WHERE id = :id RETURNING id", id=moderator.id)
    assert decide(case, "hide").status_code == 404
    assert state(rows, case) == (None, None, 0)


def test_the_reporter_learns_what_became_of_it(make, listing, decide, browser_of):
    reporter = make.member()
    case = make.case(listing, reporter=reporter)
    decide(case, "hide", "For its owner alone.")
    words = text_of(browser_of(reporter).page("/my/reports"))
    assert "A moderator took the listing off the site. Thank you." in words
    assert "For its owner alone." not in words


def test_decided_cases_are_kept(case, decide, browser_of, moderator):
    decide(case, "hide")
    browser = browser_of(moderator)
    assert "A theremin" not in text_of(browser.page("/moderation"))
    words = text_of(browser.page("/moderation?show=decided"))
    assert "A theremin" in words
    assert "Listing hidden by Judge" in words


@pytest.mark.parametrize("reports", [1, 20])
def test_a_case_is_read_with_as_many_statements_however_much_there_is(
    reports, make, case, owner, browser_of, moderator
):
    for number in range(reports):
        make.report(case)
        make.measure(owner)
        make.case(make.listing(owner_id=owner.id), name=f"Another {number}")
    browser = browser_of(moderator)
    browser.page(f"/moderation/cases/{case.id}")
    assert len(browser.statements) == 7
    browser.page("/moderation")
    assert len(browser.statements) == 2


def test_two_moderators_at_once_take_turns(make_database):
    """Real transactions: the second one waits for the first one's, and is then told."""
    from threading import Thread

    from marketplace.accounts.models import User
    from marketplace.extensions import db
    from marketplace.moderation import actions

    app = make_app(make_database())
    try:
        make = Factories(app)
        case, first, second = make.case(), make.moderator(), make.moderator()
        told = []

        def decide_second():
            with app.test_request_context(method="POST"):
                try:
                    actions.decide(db.session.get(User, second.id), case.id, 0, "warn", "Second.")
                    db.session.commit()
                    told.append("decided")
                except actions.CaseMovedOnError:
                    told.append("moved on")

        with app.test_request_context(method="POST"):
            actions.decide(db.session.get(User, first.id), case.id, 0, "hide", "First.")
            thread = Thread(target=decide_second)
            thread.start()
            thread.join(0.5)
            assert told == []
            db.session.commit()
        thread.join()
        assert told == ["moved on"]
        moderator = new_client(app).sign_in(first)
        assert "Listing hidden" in text_of(moderator.page(f"/moderation/cases/{case.id}"))
    finally:
        dispose(app)
