"""A member who posts."""

import pytest


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)
