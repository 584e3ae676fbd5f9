"""Two members, each with things of their own."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from marketplace import clock
from marketplace.extensions import db
from tests.conftest import new_client
from tests.factories.exchanges import days


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


@pytest.fixture
def at(monkeypatch):
    """Sets the clock to a moment."""

    def set_clock(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_clock


@pytest.fixture
def after(at):
    """Lets so much time go by."""
    return lambda **span: at(clock.now() + timedelta(**span))


@pytest.fixture
def agreed(make, ama, boa, drill, boat):
    """Ama's drill for Boa's boat, accepted."""
    return make.exchange(ama, boa, [drill], [boat], state="accepted")


@pytest.fixture
def lent(make, ama, boa, tent):
    """Boa lends the tent to Ama for three days from tomorrow, and she has it."""
    exchange = make.exchange(
        ama, boa, [], [tent], state="lent", proposer_handed_at=days(0), receiver_handed_at=days(0)
    )
    exchange.loan = make.loan(exchange, tent)
    return exchange


@pytest.fixture
def remind(app, connection):
    """Does what `flask swaps remind` does, and returns how many things were due."""

    def run():
        result = app.test_cli_runner().invoke(args=["swaps", "remind"])
        assert result.exit_code == 0, result.output
        return int(result.output.split()[2].replace(",", ""))

    return run


@pytest.fixture
def told(rows):
    """Reads what members are told, as (username, kind) in order."""
    return lambda: [
        tuple(row)
        for row in rows(
            "SELECT users.username, substr(kind, 6) FROM notifications JOIN users ON users.id = member_id"
            " ORDER BY notifications.id"
        )
    ]


@pytest.fixture
def window_of(committing_app):
    """Opens a browser of a member, with a token for its forms, on a connection of its own."""

    def open_one(member):
        window = new_client(committing_app).sign_in(member)
        window.csrf_token()
        return window

    return open_one


@pytest.fixture
def stored(committing_app):
    """Runs SQL on a connection of its own, and returns the rows."""

    def run(statement, **values):
        with committing_app.app_context():
            found = [tuple(row) for row in db.session.execute(text(statement), values)]
            db.session.commit()
            return found

    return run
