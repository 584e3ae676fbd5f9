"""A missing or wrong setting gives one sentence and status 1, by whichever program the site is started."""

import os
import stat
import subprocess
import sys

import pytest
from flask import Flask

from marketplace import config
from tests.conftest import make_app
from tests.support.postgresql import ROOT
from tests.support.production import SETTINGS

GOOD_URL = "postgresql://kula@127.0.0.1:1/kula"

PROGRAMS = {
    "flask serve": ["flask", "serve"],
    "flask db": ["flask", "db", "current"],
    "alembic": ["alembic", "current"],
    "gunicorn": ["gunicorn", "wsgi:app", "--check-config"],
    "gunicorn --preload": ["gunicorn", "wsgi:app", "--preload", "--bind", "127.0.0.1:0"],
}

# Settings, and how the one sentence begins.
WRONG = {
    "production without a secret": (
        {"APP_ENV": "production", "DATABASE_URL": GOOD_URL},
        "SECRET_KEY is not set",
    ),
    "production with an empty secret": (
        {"APP_ENV": "production", "DATABASE_URL": GOOD_URL, "SECRET_KEY": ""},
        "SECRET_KEY is not set",
    ),
    "production without a database": (
        {"APP_ENV": "production", "SECRET_KEY": "x" * 40},
        "DATABASE_URL is not set",
    ),
    "production without a mail server": (
        {**SETTINGS, "DATABASE_URL": GOOD_URL, "SMTP_URL": ""},
        "SMTP_URL is not set",
    ),
    "sqlite": ({"DATABASE_URL": "sqlite:///kula.db"}, "DATABASE_URL begins with sqlite:"),
    "mysql": ({"DATABASE_URL": "mysql://u:hidden@host/kula"}, "DATABASE_URL begins with mysql:"),
    "another driver": ({"DATABASE_URL": "postgresql+asyncpg://h/k"}, "DATABASE_URL begins with postgresql+a"),
    "no URL": ({"DATABASE_URL": "my database"}, "DATABASE_URL is not a URL"),
    "an environment nobody knows": ({"APP_ENV": "staging"}, "APP_ENV is 'staging'"),
}


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """Configures an application from the given environment."""

    def configure(**environment: str) -> Flask:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        app = Flask("marketplace", instance_path=str(tmp_path / "instance"))
        config.configure(app, {})
        return app

    return configure


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("case", ["production without a secret", "production without a database", "sqlite"])
def test_every_program_ends_with_one_sentence(program, case):
    settings, beginning = WRONG[case]
    result = subprocess.run(
        [sys.executable, "-m", *PROGRAMS[program]],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": "", **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(beginning)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("settings", "beginning"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_setting_gives_one_sentence(configured, settings, beginning):
    with pytest.raises(config.ConfigError) as caught:
        configured(**settings)
    sentence = str(caught.value)
    assert sentence.startswith(beginning)
    assert sentence.endswith((".", "…"))
    assert "\n" not in sentence
    assert "hidden" not in sentence


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_name_of_postgresql_is_accepted(configured, scheme):
    url = configured(DATABASE_URL=f"{scheme}://u:p%40ss@host:5433/kula?sslmode=require").config[
        "SQLALCHEMY_DATABASE_URI"
    ]
    assert url.render_as_string(hide_password=False) == (
        "postgresql+psycopg2://u:p%40ss@host:5433/kula?sslmode=require"
    )


def test_a_short_scheme_reaches_the_database(make_database):
    app = make_app(make_database().replace("postgresql://", "postgres://"))
    assert app.test_client().get("/health").status_code == 200


def test_production_is_content_with_all_that_it_needs(configured):
    app = configured(**{**SETTINGS, "SECRET_KEY": "x" * 40, "DATABASE_URL": GOOD_URL})
    assert app.config["SECRET_KEY"] == "x" * 40
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_the_development_secret_is_made_once_for_its_owner_alone(configured, tmp_path):
    first = configured().config["SECRET_KEY"]
    file = tmp_path / "instance" / "secret_key"
    assert len(first) >= 32
    assert file.read_text() == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert configured().config["SECRET_KEY"] == first
    assert [each.name for each in file.parent.iterdir()] == ["secret_key"]


def test_a_secret_of_the_environment_is_not_written_down(configured, tmp_path):
    configured(SECRET_KEY="given")
    assert not (tmp_path / "instance").exists()


def test_an_instance_folder_that_cannot_be_used_gives_one_sentence(configured, tmp_path):
    (tmp_path / "instance").write_text("in the way")
    with pytest.raises(config.ConfigError, match="cannot be used"):
        configured()


def test_a_site_with_its_own_server_never_loads_the_embedded_one(make_database):
    program = "import sys, wsgi; print([name for name in sys.modules if 'pgserver' in name])"
    for environment in ({}, SETTINGS):
        result = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": make_database(), "SECRET_KEY": "x" * 40, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout == "[]\n"
