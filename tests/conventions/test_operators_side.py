"""The operators' side is of use to programs: it stands alone, returns values, and its errors have names."""

import ast
import builtins
import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from marketplace.schema.errors import SchemaError
from marketplace.schema.session import OwnTransaction
from tests.support.project import PACKAGE, ROOT

SCHEMA = PACKAGE / "schema"
# The terminal's side: the commands, plain Alembic's way to them, and what both show while they work.
TERMINAL = {"console.py", "environment.py", "progress.py"}
# Raised in the middle of a revision, and made one of ours by those who run it.
CAUGHT_WITHIN = {OwnTransaction}
MODULES = sorted(path for path in SCHEMA.rglob("*.py") if path.parent.name != "template")
LIBRARY = [path for path in MODULES if path.parent == SCHEMA and path.name not in TERMINAL]

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SCHEMA).as_posix())
each_of_the_library = pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def public(nodes: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The public functions and classes, and the public methods of public classes."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


@each_module
def test_it_imports_nothing_else_of_the_site(path):
    imported = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {f"{node.module}.{name.name}" for name in node.names}
    others = {name for name in imported if name.split(".")[0] in ("marketplace", "wsgi", "tests")}
    assert {name for name in others if not name.startswith("marketplace.schema")} == set()


@each_module
def test_whatever_is_public_says_what_it_does(path):
    silent = [node.name for node in public(tree_of(path).body) if not ast.get_docstring(node)]
    # A protocol's members are described by its own docstring.
    assert [name for name in silent if name != "made_at"] == []


@each_of_the_library
def test_only_the_terminals_side_prints(path):
    tree = tree_of(path)
    called = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert [name for name in called if name in ("print", "input") or name.startswith("click.")] == []
    streams = ("sys.stdout", "sys.stderr", "sys.stdin", "sys.exit")
    assert [name for name in map(ast.unparse, ast.walk(tree)) if name in streams] == []


@each_of_the_library
def test_its_errors_have_names(path):
    """Each is a SchemaError, or one of Python's that a docstring there names; functions may make them."""
    module = importlib.import_module(f"marketplace.schema.{path.stem}")
    tree = tree_of(path)
    told = " ".join(
        ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    )
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        name = ast.unparse(node.exc.func)
        if hasattr(builtins, name):
            assert name in told, f"{path.name} raises {name}, and no docstring says so"
        elif name.split(".")[-1][0].isupper():
            raised = functools.reduce(getattr, name.split("."), module)
            assert issubclass(raised, SchemaError) or raised in CAUGHT_WITHIN, name


def test_the_folder_of_another_application_is_made_as_this_one_is():
    ours, template = ROOT / "migrations", SCHEMA / "template"
    for name in ("env.py", "script.py.mako"):
        assert (template / name).read_text() == (ours / name).read_text()


@pytest.mark.parametrize(
    "name", re.findall(r"`(marketplace\.schema\.\w+\.\w+)`", (ROOT / "docs/MIGRATIONS.md").read_text())
)
def test_what_the_guide_names_for_programs_returns_a_value(name):
    module, _, function = name.rpartition(".")
    returned = inspect.signature(getattr(importlib.import_module(module), function)).return_annotation
    assert returned not in (None, "None", inspect.Signature.empty)
