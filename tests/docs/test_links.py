"""README.md and docs/: links, paths and commands lead to what is there."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from tests.support.postgresql import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# The founding document links to these by name.
SIX = ["INDEX", "MIGRATIONS", "API_REFERENCE", "DEPLOYMENT", "TESTING", "SECURITY"]
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

all_pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@cache
def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that a page's headings get: lower case, hyphens for spaces, a number for a repetition."""
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        found[anchor] = found.get(anchor, -1) + 1
    return frozenset(
        f"{anchor}-{number}" if number else anchor
        for anchor, most in found.items()
        for number in range(most + 1)
    )


@all_pages
def test_every_link_leads_somewhere(page):
    for target in LINK.findall(prose(page)):
        assert not re.match(r"[a-z]+:|/", target), f"{target} is not a relative link"
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.is_relative_to(ROOT), target
        assert file.is_file(), target
        if anchor:
            assert anchor in anchors(file), target


@pytest.mark.parametrize("name", SIX)
def test_the_six_documents_exist(name):
    assert (ROOT / "docs" / f"{name}.md").is_file()
    assert name == "INDEX" or f"](./{name}.md)" in (ROOT / "docs/INDEX.md").read_text(encoding="utf-8")


def listed_paths() -> Iterator[str]:
    """The paths in the README's folder listing, in which two spaces more mean one folder deeper."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Where things are\n")[1]
    folders: list[str] = []
    for line in section.split("```")[1].strip().splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [line.split()[0]]
        yield "".join(folders)


@pytest.mark.parametrize("path", list(listed_paths()))
def test_the_folder_listing_is_true(path):
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_the_folder_listing_names_every_folder():
    listed = set(listed_paths())
    features = {f"{file.parent.relative_to(ROOT)}/" for file in (ROOT / "marketplace").glob("*/__init__.py")}
    assert features <= listed


@all_pages
def test_every_path_named_exists(page):
    for path in re.findall(
        r"`((?:marketplace|migrations|templates|static|tests|docs|deploy|bench)/[\w./]*)", prose(page)
    ):
        assert (ROOT / path).exists(), path


@all_pages
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^ *|`)make ([a-z]+)\b", text, re.MULTILINE))
    assert named <= targets
    if page.name == "README.md":
        assert {"run", "test", "check"} <= named


@all_pages
def test_every_flask_command_exists(page, app):
    """Also that of plain `alembic`, which has those of `flask db` under the same names."""
    context = click.Context(app.cli)
    for program, line in re.findall(
        r"(?:^ *|`)(flask|alembic) ([^`#\n]+)", page.read_text(encoding="utf-8"), re.MULTILINE
    ):
        words = line.split()
        if program == "alembic":
            words.insert(0, "db")
        if words[0] == "…":
            continue
        command = app.cli.get_command(context, words[0])
        assert command is not None, line
        if isinstance(command, click.Group) and len(words) > 1 and words[1] != "…":
            assert command.get_command(context, words[1]) is not None, line
