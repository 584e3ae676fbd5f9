"""Views are guarded by the rule they name, whatever their arguments."""

import pytest
from flask import Flask
from flask_login import login_user
from werkzeug.exceptions import Forbidden, NotFound

from marketplace import access
from marketplace.accounts.models import ROLES
from marketplace.listings import queries

pytestmark = pytest.mark.usefixtures("context")


@access.signed_in
def members_page():
    return "for members"


@access.owner_of(queries.get_listing)
def owners_page(listing):
    return f"for the owner of {listing.title}"


def test_each_guard_names_its_rule():
    assert access.public(lambda: "").access_rule == "public"
    assert members_page.access_rule == "signed in"
    assert owners_page.access_rule == "owner"


def test_a_visitor_is_sent_to_log_in_before_anything_is_looked_for(make):
    assert members_page().status_code == 303
    assert owners_page(listing_id=make.listing().id).status_code == 303
    assert owners_page(listing_id=1).status_code == 303


def test_members_are_let_in(make):
    login_user(make.member())
    assert members_page() == "for members"


def test_only_its_owner_is_let_in(make):
    owner = make.member()
    listing = make.listing(owner_id=owner.id, title="Tools")
    login_user(owner)
    assert owners_page(listing_id=listing.id) == "for the owner of Tools"
    with pytest.raises(NotFound):
        owners_page(listing_id=listing.id + 1)
    login_user(make.member())
    with pytest.raises(Forbidden):
        owners_page(listing_id=listing.id)


def test_what_nobody_else_is_to_know_of_does_not_exist_for_them(make):
    listing = make.listing()
    secret = access.owner_of(queries.get_listing, refusal=404)(lambda listing: "a secret")
    login_user(make.member())
    with pytest.raises(NotFound):
        secret(listing_id=listing.id)


@pytest.mark.parametrize(
    ("rule", "let_in"),
    [(access.moderator, {"moderator", "administrator"}), (access.administrator, {"administrator"})],
)
def test_pages_of_the_team_do_not_exist_for_others(rule, let_in, make):
    page = rule(lambda: "for the team")
    assert page().status_code == 303
    for role in ROLES:
        login_user(make.member(role=role))
        if role in let_in:
            assert page() == "for the team"
        else:
            with pytest.raises(NotFound):
                page()


def test_an_application_of_its_own_is_closed_by_default():
    app = Flask("closed")
    app.add_url_rule("/open", view_func=access.public(lambda: "open"), endpoint="open")
    app.add_url_rule("/forgotten", view_func=lambda: "forgotten", endpoint="forgotten")
    access.init_app(app)
    client = app.test_client()
    assert client.get("/open").text == "open"
    assert client.get("/forgotten").status_code == 403
    assert client.get("/nowhere").status_code == 404
