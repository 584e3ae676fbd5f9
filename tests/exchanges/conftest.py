"""Two members, each with things of their own."""

import pytest


@pytest.fixture
def ama(make):
    return make.member(username="ama")


@pytest.fixture
def boa(make):
    return make.member(username="boa")


@pytest.fixture
def thing(make):
    """Saves an item of a member in a listing of its own."""

    def save(member, **values):
        return make.item(make.listing(owner_id=member.id, items=[]), **values)

    return save


@pytest.fixture
def drill(thing, ama):
    return thing(ama, name="Drill", value=145)


@pytest.fixture
def boat(thing, boa):
    return thing(boa, name="Boat", value=133)


@pytest.fixture
def tent(thing, boa):
    return thing(boa, name="Tent", exchange_type="temporary", duration_days=7, value=200)


@pytest.fixture
def exchange(make, ama, boa, drill, boat):
    """Ama proposes her drill for the boat."""
    return make.exchange(ama, boa, [drill], [boat])


@pytest.fixture
def state_of(rows):
    """Reads the state of an exchange."""
    return lambda exchange: rows("SELECT state FROM exchanges WHERE id = :id", id=exchange.id)[0][0]
