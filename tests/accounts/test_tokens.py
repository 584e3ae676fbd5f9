"""What letters carry holds for one purpose, once, for an hour, and for its member as the member is."""

import itertools

import pytest
from itsdangerous import TimestampSigner

from marketplace.accounts import tokens
from tests.conftest import new_client
from tests.support.tokens import paths_in_letters

RULES = ("/verify/<token>", "/password/reset/<token>", "/address/<token>")
NEW = {"new_password": "another good one"}
STATE = "SELECT email, email_verified_at, password_hash, session_epoch FROM users WHERE id = :id"


@pytest.fixture
def member(make):
    return make.member(email_verified_at=None)


@pytest.fixture
def paths(app, member):
    return paths_in_letters(app, member)


@pytest.fixture
def at(monkeypatch):
    """Sets the clock that tokens go by, in seconds from now."""
    now = TimestampSigner("key").get_timestamp()

    def set_clock(seconds):
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now + seconds)

    return set_clock


def statuses(client, path):
    return client.get(path).status_code, client.submit(path, NEW).status_code


@pytest.mark.parametrize("rule", RULES)
def test_it_holds(rule, client, paths, rows, member):
    before = rows(STATE, id=member.id)
    assert client.get(paths[rule]).status_code == 200
    assert rows(STATE, id=member.id) == before
    assert client.submit(paths[rule], NEW).status_code == 303
    assert rows(STATE, id=member.id) != before


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seconds", [3601, 86400, -2, -3600])
def test_it_holds_for_an_hour_and_a_clock_that_was_set_back_makes_it_no_longer(
    seconds, rule, client, paths, at
):
    at(seconds)
    assert statuses(client, paths[rule]) == (410, 410)


@pytest.mark.parametrize("rule", RULES)
def test_it_holds_to_the_end_of_the_hour(rule, client, paths, at):
    at(3599)
    assert client.get(paths[rule]).status_code == 200
    assert tokens.LASTS_SECONDS == 3600


@pytest.mark.parametrize("rule", RULES)
def test_it_holds_once(rule, client, paths):
    assert client.submit(paths[rule], NEW).status_code == 303
    assert statuses(client, paths[rule]) == (410, 410)


@pytest.mark.parametrize(("rule", "other"), list(itertools.permutations(RULES, 2)))
def test_it_is_for_one_purpose(rule, other, client, paths):
    token = paths[rule].rpartition("/")[2]
    assert statuses(client, other.replace("<token>", token)) == (410, 410)


@pytest.mark.parametrize(("used", "rule"), list(itertools.permutations(RULES, 2)))
def test_what_one_changes_ends_the_others(used, rule, client, paths):
    assert client.submit(paths[used], NEW).status_code == 303
    assert statuses(client, paths[rule]) == (410, 410)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "change",
    [
        "password_hash = 'another'",
        "email = 'another@example.org'",
        "email_verified_at = now()",
        "session_epoch = session_epoch + 1",
        "is_active = false",
    ],
)
def test_it_ends_when_the_account_changes(change, rule, client, paths, rows, member):
    rows(f"UPDATE users SET {change} WHERE id = :id RETURNING id", id=member.id)
    assert statuses(client, paths[rule]) == (410, 410)


@pytest.mark.parametrize("rule", RULES)
def test_one_that_was_changed_is_not_ours(rule, client, paths):
    path = paths[rule]
    for changed in (path[:-1], path + "A", path.replace(".", "..", 1), path[:20], path + "/x"):
        assert client.get(changed).status_code in (404, 410)
        assert client.submit(changed, NEW).status_code in (404, 410)


def test_it_says_nothing_of_the_password(app, make):
    member = make.member(password_hash="a hash that nobody is to see")
    path = paths_in_letters(app, member)["/password/reset/<token>"]
    with app.app_context():
        token = tokens.read_token(tokens.RESET, path.rpartition("/")[2])
    assert "hash" not in repr(token)
    assert len(token.state) == 32


@pytest.mark.parametrize("rule", [*RULES, "/unsubscribe/<token>"])
def test_no_page_tells_its_address_to_the_next(rule, app, client, paths):
    for path in (paths[rule], rule.replace("<token>", "of-nobody")):
        answer = client.get(path)
        assert answer.headers.getlist("Referrer-Policy") == ["strict-origin"]
    https = {"base_url": "https://localhost"}
    visitor = new_client(app)
    assert visitor.get(paths[rule], **https).status_code == 200
