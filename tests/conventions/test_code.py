"""What the code looks like, where a reader relies on it."""

import ast

import pytest

from tests.support.project import PACKAGE, ROOT

MODULES = sorted(PACKAGE.rglob("*.py"))
VIEWS = sorted(PACKAGE.rglob("views.py"))
REVISIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))
LONGEST_FILE = 300
LONGEST_VIEW = 25
# What a revision may use: it redeclares everything else, so that it means the same for ever.
REVISIONS_MAY_IMPORT = {"alembic", "sqlalchemy"}


def name_of(file):
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_file_is_short_and_says_what_it_is(file):
    source = file.read_text()
    assert len(source.splitlines()) <= LONGEST_FILE
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("file", VIEWS, ids=name_of)
def test_a_view_is_short(file):
    functions = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    assert functions
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_VIEW} == {}


@pytest.mark.parametrize("file", REVISIONS, ids=name_of)
def test_a_revision_imports_nothing_of_the_application(file):
    imported = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module.split(".")[0])
    assert imported <= REVISIONS_MAY_IMPORT


def test_only_these_go_past_the_session():
    """What they send is not seen by the client that fails a GET which writes, so they are few."""
    past = {name_of(file) for file in MODULES if "raw_connection(" in file.read_text()}
    assert past == {
        # Reads the version of the content.
        "marketplace/database/versions.py",
        "marketplace/sample_data/command.py",
        # Counts an attempt. It is the one thing that a GET writes: how often searches are made.
        "marketplace/throttling/actions.py",
    }


def test_actions_leave_the_commit_to_the_request():
    committing = [name_of(file) for file in PACKAGE.rglob("actions.py") if ".commit(" in file.read_text()]
    assert committing == []
