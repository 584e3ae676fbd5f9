"""The starter categories as the generator sees them, and the words."""

import tomllib
from collections.abc import Iterator

import pytest
from flask import Flask

from marketplace.categories.command import STARTER_FILE, load_file
from marketplace.sample_data.rows import Category
from marketplace.sample_data.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture
def app(committing_app: Flask) -> Iterator[Flask]:
    """The application on a database of the test's own: COPY commits for real."""
    with committing_app.app_context():
        yield committing_app


@pytest.fixture
def starter_categories(app: Flask) -> None:
    """The starter categories, loaded."""
    load_file(STARTER_FILE)


@pytest.fixture(scope="session")
def starter_paths() -> list[Category]:
    """Every category of starter.toml, with ids in the order of the file."""
    paths: list[tuple[tuple[str, ...], bool]] = []
    for first, second_level in tomllib.loads(STARTER_FILE.read_text("utf-8")).items():
        paths.append(((first,), not second_level))
        for second, third_level in second_level.items():
            paths.append(((first, second), not third_level))
            paths += [((first, second, third), True) for third in third_level]
    return [Category(number, path, is_leaf) for number, (path, is_leaf) in enumerate(paths, start=1)]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(2026)
