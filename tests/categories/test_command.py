"""`flask categories load FILE`."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from marketplace.categories.command import STARTER_FILE
from marketplace.categories.rules import flatten
from tests.conftest import dispose, make_app
from tests.support.postgresql import run_project_command

TREE = """
["Tools"]
"Hand tools" = []
"Power tools" = ["Drills", "Saws"]

["Books"]
"""

SHOWN = [("Tools", 1), ("Hand tools", 2), ("Power tools", 2), ("Drills", 3), ("Saws", 3), ("Books", 1)]

BAD_FILES = {
    "not UTF-8": (b'["Caf\xe9"]', "is not UTF-8 text."),
    "not TOML": (b"Tools:\n  - Saws", "is not TOML"),
    "a root that is no table": (b'Tools = ["Saws"]', "is not a table"),
    "a list of numbers": (b"[Tools]\nSaws = [1, 2]", "is not a list of names"),
    "a fourth level": (b"[Tools]\n[Tools.Saws]\nBig = []", "is not a list of names"),
    "two names with one address": (b'[Tools]\n"Hand saws" = []\n"hand-saws!" = []', "the same address"),
    "two third levels with one address": (b'[Tools]\nSaws = ["Big", "BIG"]', "the same address"),
    "a blank name": (b'[Tools]\n"  " = []', "needs a name"),
    "a name without letters": (b'[Tools]\nSaws = ["!!!"]', "needs a name"),
    "a name that is too long": (b"[Tools]\n" + b"x" * 81 + b" = []", "needs a name of 1 to 80"),
    "a NUL": (b'[Tools]\n"Sa\\u0000ws" = []', "invisible"),
}


@pytest.fixture
def load(app: Flask, connection: Any, tmp_path: Path) -> Callable[[str | bytes], Result]:
    """Runs the command on a file with the given content."""

    def run(content: str | bytes) -> Result:
        file = tmp_path / "categories.toml"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return app.test_cli_runner().invoke(args=["categories", "load", str(file)])

    return run


@pytest.fixture
def names(rows) -> Callable[[], list[tuple[str, int]]]:
    """The categories in the order in which they are shown."""
    return lambda: [tuple(row) for row in rows("SELECT name, level FROM categories ORDER BY position")]


def test_it_loads_a_tree(load, names, rows):
    result = load(TREE)
    assert (result.exit_code, result.output) == (0, "6 categories added, 0 known already.\n")
    assert names() == SHOWN
    parents = rows("SELECT c.name, p.name FROM categories c JOIN categories p ON p.id = c.parent_id")
    assert {tuple(row) for row in parents} == {
        ("Hand tools", "Tools"),
        ("Power tools", "Tools"),
        ("Drills", "Power tools"),
        ("Saws", "Power tools"),
    }


def test_it_loads_again_without_duplicates(load, names, rows):
    load(TREE)
    before = rows("SELECT * FROM categories ORDER BY id")
    result = load(TREE)
    assert (result.exit_code, result.output) == (0, "0 categories added, 6 known already.\n")
    assert rows("SELECT * FROM categories ORDER BY id") == before


def test_it_leaves_alone_what_it_knows_by_its_address(load, rows):
    load(TREE)
    before = rows("SELECT * FROM categories ORDER BY id")
    result = load('["BOOKS"]\n\n["Tools"]\n"POWER tools" = ["Saws", "Lathes", "Drills"]\n"Hand tools" = []\n')
    assert (result.exit_code, result.output) == (0, "1 categories added, 6 known already.\n")
    assert rows("SELECT * FROM categories WHERE slug <> 'lathes' ORDER BY id") == before


def test_it_keeps_what_the_file_does_not_name(load, rows):
    load(TREE)
    rows("UPDATE categories SET is_active = false WHERE slug = 'tools' RETURNING id")
    load('["Tools"]\n')
    assert len(rows("SELECT id FROM categories")) == len(SHOWN)
    assert rows("SELECT is_active FROM categories WHERE slug = 'tools'") == [(False,)]


def test_siblings_of_different_parents_may_share_a_name(load, names):
    result = load('["Tools"]\n"Other" = ["Other"]\n["Books"]\n"Other" = ["Other"]\n')
    assert (result.exit_code, result.output) == (0, "6 categories added, 0 known already.\n")
    assert len(names()) == 6


@pytest.mark.parametrize(("content", "words"), BAD_FILES.values(), ids=list(BAD_FILES))
def test_a_bad_file_gives_one_sentence_and_changes_nothing(load, rows, content, words):
    load(TREE)
    before = rows("SELECT * FROM categories ORDER BY id")
    result = load(content)
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.count("\n") == 1
    assert rows("SELECT * FROM categories ORDER BY id") == before


def test_a_file_that_is_not_there_is_a_wrong_use(app):
    result = app.test_cli_runner().invoke(args=["categories", "load", "nowhere.toml"])
    assert result.exit_code == 2
    assert "nowhere.toml" in result.output


def test_an_empty_file_is_no_mistake(load, rows):
    result = load("# Nothing yet.\n")
    assert (result.exit_code, result.output) == (0, "0 categories added, 0 known already.\n")


def test_a_database_that_is_away_gives_one_sentence(tmp_path):
    app = make_app("postgresql://kula@127.0.0.1:1/kula")
    result = app.test_cli_runner().invoke(args=["categories", "load", str(STARTER_FILE)])
    dispose(app)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


def test_a_schema_that_is_not_there_gives_one_sentence(make_database):
    app = make_app(make_database("template0"))
    result = app.test_cli_runner().invoke(args=["categories", "load", str(STARTER_FILE)])
    dispose(app)
    assert result.exit_code == 1
    assert "flask db upgrade" in result.output
    assert result.output.count("\n") == 1


def test_the_real_command_loads_the_starter_categories(make_database):
    url = make_database()
    number = len(flatten(tomllib.loads(STARTER_FILE.read_text("utf-8"))))
    for expected in (f"{number} categories added, 0 known", f"0 categories added, {number} known"):
        result = run_project_command("flask", "categories", "load", str(STARTER_FILE), database_url=url)
        assert result.stdout == f"{expected} already.\n"
        assert result.stderr == ""
