"""Accounts are made and credentials checked."""

import pytest

from marketplace.accounts import actions
from marketplace.database.violations import RuleBroken
from marketplace.extensions import db
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.usefixtures("context")


def test_a_member_is_registered_with_the_hash_alone(rows):
    member = actions.register_member("wairisi", "w@example.org", PASSWORD)
    assert member.id
    db.session.commit()
    stored = rows("SELECT users::text FROM users WHERE id = :id", id=member.id)[0][0]
    assert "$argon2id$" in stored
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    ("username", "email", "constraint"),
    [
        ("WAIRISI", "other@example.org", "uq_users_username_lower"),
    ],
)
def test_a_taken_name_is_told_and_leaves_the_session_usable(username, email, constraint, make):
    first = make.member(username="wairisi", email="w@example.org")
    with pytest.raises(RuleBroken) as broken:
        actions.register_member(username, email, PASSWORD)
    assert broken.value.constraint == constraint
    assert actions.check_credentials("wairisi", PASSWORD).id == first.id


def test_credentials_are_the_members_and_the_time_is_noted(make):
    member = make.member(username="wairisi")
    found = actions.check_credentials("wairisi", PASSWORD)
    db.session.flush()
    assert found.id == member.id
    assert found.last_login_at is not None


@pytest.mark.parametrize(
    ("name", "password"), [("wairisi", "wrong"), ("nobody", PASSWORD), ("away", PASSWORD)]
)
def test_other_credentials_are_nobodys(name, password, make):
    make.member(username="wairisi")
    away = make.member(username="away", is_active=False)
    assert actions.check_credentials(name, password) is None
    assert db.session.get(type(away), away.id).last_login_at is None
