"""The page of devices, and the one that asks for the password again."""

import pytest

from marketplace import access
from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.support.html import text_of


@pytest.fixture
def member(make):
    return make.member()


def names(page):
    return [text_of(heading) for heading in page.findall(".//main//h2")]


def test_a_member_sees_own_devices_that_are_signed_in(browser_of, make, member, rows):
    make.device(member, browser="Firefox on Linux")
    make.device(member, browser="Signed out")
    make.device(member, browser="Of another number", session_epoch=member.session_epoch + 1)
    make.device(member, browser="Too old")
    make.device(make.member(), browser="Somebody else's")
    rows("UPDATE devices SET ended_at = now() WHERE browser = 'Signed out' RETURNING 1")
    rows("UPDATE devices SET created_at = now() - interval '8 days' WHERE browser = 'Too old' RETURNING 1")
    browser = browser_of(member)
    assert sorted(names(browser.page("/account/devices"))) == [
        "A browser This device",
        "Firefox on Linux",
    ]


def test_ending_a_device_ends_its_session_alone(browser_of, member, rows):
    first, second, third = (browser_of(member) for _ in range(3))
    ids = [row[0] for row in rows("SELECT id FROM devices ORDER BY id")]
    assert first.submit(f"/account/devices/{ids[1]}/end").location == "/account/devices"
    assert [browser.get("/my/listings").status_code for browser in (first, second, third)] == [200, 303, 200]


def test_ending_this_device_logs_out(browser_of, member, rows):
    browser = browser_of(member)
    [(id_,)] = rows("SELECT id FROM devices")
    assert browser.submit(f"/account/devices/{id_}/end").location == "/"
    assert browser.get("/my/listings").status_code == 303


def test_ending_all_others_keeps_this_one_and_other_members(browser_of, make, member):
    first, second, third = (browser_of(member) for _ in range(3))
    other = browser_of(make.member())
    assert second.submit("/account/devices/end-others").status_code == 303
    answers = [browser.get("/my/listings").status_code for browser in (first, second, third, other)]
    assert answers == [303, 200, 303, 200]
    assert second.page("/account/devices").find(".//form[@action='/account/devices/end-others']") is None


def test_a_device_of_somebody_else_does_not_exist(browser_of, make, member, rows):
    device = make.device(make.member())
    assert browser_of(member).submit(f"/account/devices/{device.id}/end").status_code == 404
    assert rows("SELECT ended_at FROM devices WHERE id = :id", id=device.id) == [(None,)]


@pytest.fixture
def guarded(make_database):
    """A site with a page that asks for the password again, and a form on it."""
    app = make_app(make_database())

    def let_in():
        # No page, so that the browser does not check it as one.
        return "in", {"Content-Type": "text/plain"}

    app.add_url_rule("/guarded", "guarded", access.confirmed(let_in), methods=["GET", "POST"])
    app.add_url_rule("/act", "act", access.confirmed(let_in), methods=["POST"])
    yield app
    dispose(app)


def age(app, minutes):
    from marketplace.extensions import db

    with app.app_context():
        db.session.execute(
            db.text("UPDATE devices SET confirmed_at = now() - make_interval(mins => :m)"), {"m": minutes}
        )
        db.session.commit()


def test_a_change_that_matters_asks_for_the_password_again_and_leads_back(guarded):
    browser = new_client(guarded).sign_in(Factories(guarded).member())
    age(guarded, 16)
    answer = browser.get("/guarded?a=1")
    assert (answer.status_code, answer.location) == (303, "/account/confirm?next=/guarded?a%3D1")
    assert browser.submit("/guarded").location == "/account/confirm?next=/guarded"
    assert browser.submit("/act").location == "/account/confirm"
    page = browser.page("/account/confirm?next=/guarded")
    assert page.find(".//input[@name='next']").get("value") == "/guarded"
    wrong = browser.submit("/account/confirm", {"password": "a wrong password", "next": "/guarded"})
    assert wrong.status_code == 422
    assert browser.get("/guarded").status_code == 303
    right = browser.submit("/account/confirm", {"password": PASSWORD, "next": "/guarded"})
    assert (right.status_code, right.location) == (303, "/guarded")
    assert browser.submit("/act").data == b"in"
    age(guarded, 14)
    assert browser.submit("/act").data == b"in"


def test_a_confirmation_is_of_its_device_alone(guarded):
    member = Factories(guarded).member()
    first, second = (new_client(guarded).sign_in(member) for _ in range(2))
    age(guarded, 16)
    first.submit("/account/confirm", {"password": PASSWORD})
    assert first.submit("/act").data == b"in"
    assert second.submit("/act").status_code == 303


def test_a_visitor_logs_in_first(guarded):
    assert new_client(guarded).get("/guarded").location == "/login?next=/guarded"


@pytest.mark.parametrize("target", ["//example.org/", "https://example.org/", "/\\example.org"])
def test_confirming_leads_to_this_site_alone(target, browser_of, member):
    answer = browser_of(member).submit("/account/confirm", {"password": PASSWORD, "next": target})
    assert answer.location == "/account/devices"
