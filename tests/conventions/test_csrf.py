"""No form is taken without the token of the session it was made for, and nothing is changed by one."""

import pytest

from tests.conventions.routes import ROUTES
from tests.support.statements import is_write

# The form to post keeps what was typed when the session has ended: for nobody, until its writer logs in.
KEEPS = "/drafts/<uuid:draft_id>"
# A mail program sends this one, and has no session; the address itself lets it stop letters and nothing else.
UNSUBSCRIBES = "/unsubscribe/<token>"
POSTS = [route for route in ROUTES if route.method == "POST" and route.rule not in (KEEPS, UNSUBSCRIBES)]


@pytest.mark.parametrize("route", POSTS, ids=str)
@pytest.mark.parametrize("token", ["none", "empty", "nonsense", "another session's"])
def test_a_form_without_its_token_is_a_broken_request(route, token, app, browser_of, make):
    owner = make.member()
    listing = make.listing(owner_id=owner.id)
    browser = browser_of(owner)
    browser.csrf_token()
    tokens = {
        "none": {},
        "empty": {"csrf_token": ""},
        "nonsense": {"csrf_token": "é"},
        "another session's": {"csrf_token": browser_of(owner).csrf_token()},
    }
    response = browser.post(route.path(listing.id), data=tokens[token])
    assert response.status_code == 400
    assert "That did not reach us in one piece" in response.text
    assert not [statement for statement in browser.statements if is_write(statement)]
