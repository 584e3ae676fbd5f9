"""Members are found by what they type and by what their session holds."""

import pytest

from marketplace.accounts import queries

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def member(make):
    return make.member(username="Wairisi", email="Wairisi.M@example.org")


@pytest.mark.parametrize(
    "name", ["Wairisi", "wairisi", "WAIRISI", "wairisi.m@EXAMPLE.org", "WAIRISI.M@EXAMPLE.ORG"]
)
def test_a_member_is_found_by_name_whatever_the_case(name, member):
    assert queries.find_member_by_name(name).id == member.id


@pytest.mark.parametrize(
    "name", ["", "wairis", "wairisi%", "wairisi@example.org", "@", "' OR true --", "wa_risi"]
)
def test_nobody_is_found_by_another_name(name, member):
    assert queries.find_member_by_name(name) is None


def test_a_member_is_found_by_the_name_of_the_session(member):
    assert queries.find_member_by_session(member.get_id()).id == member.id


@pytest.mark.parametrize(
    "name", ["", ".", "{id}", "{id}.", "{id}.1", "{id}.-1", "x.0", "².0", "-{id}.0", "{id}.0.0", f"{2**63}.0"]
)
def test_nobody_is_found_by_another_session(name, member):
    assert queries.find_member_by_session(name.format(id=member.id)) is None


def test_an_inactive_member_has_no_session(make):
    assert queries.find_member_by_session(make.member(is_active=False).get_id()) is None
