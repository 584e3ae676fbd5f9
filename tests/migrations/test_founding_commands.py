"""The founding document's own commands, as they are written there, from every revision of the chain.

Each runs as `alembic …` and as `flask db …`; the guide's sequences run in processes of their own.
"""

import shlex

import pytest

from tests.support.catalogue import table_names
from tests.support.migrations import Project, make_project
from tests.support.operator import BASE, CHAIN, HEAD, in_either_spelling, read_script
from tests.support.postgresql import run_project_command

PLACES = (None, *CHAIN)
TITLES = {
    revision.revision: revision.module.__doc__.splitlines()[0] for revision in read_script().walk_revisions()
}
# The revision that each command leads to, by the one that it is called from; None is base.
LEADS_TO = {
    "upgrade head": lambda place: HEAD,
    "upgrade ecee305c0829": lambda place: CHAIN[max(_height(place), 3) - 1],
    "upgrade +1": lambda place: (*CHAIN, HEAD)[_height(place)],
    "downgrade base": lambda place: None,
    "downgrade -1": lambda place: (None, *CHAIN)[max(_height(place) - 1, 0)],
    "downgrade cf5a32f4e1d5": lambda place: "cf5a32f4e1d5" if place else None,
    "stamp head": lambda place: HEAD,
}
ALSO = {
    "downgrade ecee305c0829": lambda place: "ecee305c0829" if _height(place) >= 3 else place,
    "downgrade 001_add_exchange_types": lambda place: CHAIN[3] if _height(place) >= 4 else place,
    "upgrade -- +1": LEADS_TO["upgrade +1"],
    "downgrade -- -1": LEADS_TO["downgrade -1"],
}


def _height(place):
    return PLACES.index(place)


def _said(project: Project, spelling: str, command: str, status: int | None = 0):
    """Run a command literally, on the project's own migrations, which are the chain."""
    return project.run(spelling, *shlex.split(command), status=status, own_folder=False)


def _said_apart(project: Project, spelling: str, command: str):
    """Run a command literally and in a process of its own, which must succeed."""
    program = ("alembic",) if spelling == "alembic" else ("flask", "db")
    return run_project_command(
        *program, *shlex.split(command), database_url=project.url, **project.environment
    )


@pytest.fixture
def place_at(tmp_path, make_database, template_at):
    """Makes a project whose database is at a revision."""
    projects = []

    def put(place):
        projects.append(make_project(tmp_path / "migrations", make_database(template_at(place or BASE))))
        return projects[-1]

    yield put
    for project in projects:
        project.close()


@pytest.mark.parametrize(("place", "spelling"), in_either_spelling(PLACES))
@pytest.mark.parametrize("command", LEADS_TO)
def test_command_leads_where_the_guide_says(place_at, tables_at, spelling, command, place):
    project = place_at(place)
    # A revision that is not applied cannot be gone back to, which is said and is an error.
    impossible = command == "downgrade cf5a32f4e1d5" and place is None
    result = _said(project, spelling, command, status=1 if impossible else 0)
    assert project.at() == LEADS_TO[command](place)
    # A stamp moves the revision and nothing else.
    moved = place if command.startswith("stamp") else project.at()
    assert table_names(project.url) == tables_at(moved or BASE)
    if impossible:
        assert "cf5a32f4e1d5 is not applied: the database is at base." in result.stderr
    elif project.at() == place:
        at = (place or "base") + (" (head)" if place == HEAD else "")
        assert result.stdout.startswith(("Already past ecee305c0829", f"Already at {at}\n")), result.stdout
    else:
        verb = {"upgrade": "Upgraded", "downgrade": "Downgraded", "stamp": "Stamped"}[command.split()[0]]
        assert result.stdout.startswith(f"{verb} {place or 'base'} → {project.at() or 'base'}"), result.stdout
    assert result.stdout.count("\n") == (0 if impossible else 1)


@pytest.mark.parametrize(("place", "spelling"), in_either_spelling(PLACES))
@pytest.mark.parametrize("command", ALSO)
def test_every_named_target_and_the_careful_spelling(place_at, spelling, command, place):
    project = place_at(place)
    project.run(spelling, *command.split(), status=None)
    assert project.at() == ALSO[command](place)


@pytest.mark.parametrize(("place", "spelling"), in_either_spelling(PLACES))
def test_commands_that_only_look(place_at, spelling, place):
    project = place_at(place)
    current = _said(project, spelling, "current").stdout
    expected = {None: "base (nothing is applied)\n", HEAD: f"{HEAD} (head)\n"}.get(place, f"{place}\n")
    assert current == expected
    assert _said(project, spelling, "heads").stdout == f"{HEAD} (head)\n"
    history = _said(project, spelling, "history").stdout.splitlines()
    assert [
        line.rpartition(", ")[0] and line.split("-> ")[1].split(",")[0].removesuffix(" (head)")
        for line in history
    ] == [*reversed(CHAIN)]
    pending = CHAIN[_height(place) :]
    check = _said(project, spelling, "check", status=1 if pending else 0)
    if not pending:
        assert check.stdout == (
            f"Nothing is pending: the database is at {HEAD} (head).\nNo new upgrade operations detected.\n"
        )
        return
    count = "1 migration is pending" if len(pending) == 1 else f"{len(pending)} migrations are pending"
    lines = check.stderr.splitlines()
    assert lines[0].endswith(f"{count}; the database is at {place or 'base'}.")
    assert lines[1:-1] == [f"  {revision}   {TITLES[revision]}" for revision in pending]
    assert lines[-1] == f"Next: {'alembic' if spelling == 'alembic' else 'flask db'} upgrade head"


def test_going_all_the_way_down_and_up_again_and_again(new_project, spelling):
    """Emergency rollback, safe rollback, development workflow: the guide's sequences in one."""
    for command in (
        "upgrade head",
        "downgrade base",
        "upgrade head",
        "downgrade -1",
        "upgrade head",
        "stamp head",
    ):
        _said_apart(new_project, spelling, command)
    assert new_project.at() == HEAD
    assert len(new_project.logged("upgrade")) == 2 * len(CHAIN) + 1
    assert len(new_project.logged("downgrade")) == len(CHAIN) + 1


def test_too_far_and_unknown_targets_are_told(project, spelling):
    for command, said in {
        "downgrade -99": f"-99 is too far: {len(CHAIN)} revisions lie below {HEAD}",
        "upgrade nothing": "There is no revision nothing; there are cf5a32f4e1d5, 50c3593832b4, ",
        "downgrade nothing": "There is no revision nothing",
        "upgrade -1": "-1 leads down",
        "downgrade +1": "+1 leads up",
        "stamp nothing": "Can't locate revision identified by 'nothing'",
    }.items():
        assert said in project.run(spelling, *command.split(), status=1).stderr
    assert project.at() == HEAD


def test_offline_sql_records_nothing(new_project, spelling):
    result = _said_apart(new_project, spelling, "upgrade head --sql")
    assert "CREATE TABLE listing_items" in result.stdout
    assert "operations" not in result.stdout
    assert new_project.at() is None
    assert new_project.one("SELECT to_regclass('operations.ledger')") is None


def test_verbose_shows_each_step(new_project):
    said = _said_apart(new_project, "flask", "upgrade head -v").stderr
    assert "Running upgrade ecee305c0829 -> 001_add_exchange_types" in said
    assert _said_apart(new_project, "flask", "downgrade base").stderr == ""
    result = run_project_command("alembic", "-x", "verbose", "upgrade", "head", database_url=new_project.url)
    assert "Running upgrade ecee305c0829 -> 001_add_exchange_types" in result.stderr


@pytest.mark.parametrize("command", ["current", "history", "heads", "check"])
def test_output_is_the_same_in_a_process_of_its_own(project, spelling, command):
    result = _said_apart(project, spelling, command)
    assert HEAD in result.stdout
    assert result.stderr == ""
