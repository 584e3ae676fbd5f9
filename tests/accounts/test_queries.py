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
