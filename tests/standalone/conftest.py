"""Another application, in an environment where nothing of Kula is but `marketplace/schema`."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.project import PACKAGE

APP = Path(__file__).with_name("app")


@dataclass(frozen=True)
class Library:
    """The application in a folder of its own, on a database of its own."""

    folder: Path
    url: str
    python: Path
    settings: Mapping[str, str]

    def run(self, *words: str, exits: int = 0, **settings: str) -> str:
        """Run a program as an operator does, and return all that it printed."""
        result = subprocess.run(
            [self.python, "-m", *words],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "LIBRARY_DATABASE": self.url.replace("postgresql:", "postgresql+psycopg2:"),
                **self.settings,
                **settings,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        said = result.stdout + result.stderr
        assert result.returncode == exits, f"{' '.join(words)} ended with {result.returncode}:\n{said}"
        return said

    def flask(self, *words: str, exits: int = 0, **settings: str) -> str:
        """Run a command of `flask db`."""
        return self.run("flask", "db", *words, exits=exits, **settings)

    def alembic(self, *words: str, exits: int = 0) -> str:
        """Run the same by plain `alembic`."""
        return self.run("alembic", "-c", "migrations/alembic.ini", *words, exits=exits)

    def change_models(self, old: str, new: str) -> None:
        """Change the file of models."""
        models = self.folder / "models.py"
        text = models.read_text()
        assert old in text
        models.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def python_without_kula(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the packages that the site needs, and of Kula `marketplace/schema` alone."""
    environment = tmp_path_factory.mktemp("without") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    # A folder that is named so is searched, but what it names in turn, such as this project, is not.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    copy = packages / "marketplace"
    copy.mkdir()
    (copy / "__init__.py").touch()
    shutil.copy(PACKAGE / "alembic_plugin.py", copy)
    shutil.copytree(PACKAGE / "schema", copy / "schema", ignore=shutil.ignore_patterns("__pycache__"))
    return environment / "bin" / "python"


@pytest.fixture
def make_library(tmp_path: Path, python_without_kula: Path) -> Callable[..., Library]:
    """Makes the application in a folder of this name, with its settings, on a database."""

    def make(name: str, url: str, **settings: str) -> Library:
        folder = tmp_path / name
        shutil.copytree(APP, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return Library(folder, url, python_without_kula, settings)

    return make


@pytest.fixture
def library(make_library: Callable[..., Library], make_database: Callable[..., str]) -> Library:
    """The application on an empty database, before its first migration."""
    return make_library("library", make_database("template0"))
