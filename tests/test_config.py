"""Settings come from the environment, and each mistake is one sentence."""

import stat
from datetime import timedelta

import pytest
from flask import Flask

from marketplace.config import ConfigError, configure
from tests.support.production import SETTINGS


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """Configures an application with this environment and an instance folder of its own."""

    def build(overrides=None, instance=tmp_path / "instance", **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        app = Flask("settings", instance_path=str(instance))
        configure(app, overrides or {})
        return app

    return build


PRODUCTION = {**SETTINGS, "DATABASE_URL": "postgresql://h/d"}


@pytest.mark.parametrize(
    "url", ["postgres://u:p@h:5433/d", "postgresql://u:p@h:5433/d", "postgresql+psycopg2://u:p@h:5433/d"]
)
def test_every_spelling_of_postgresql_is_taken(url, configured):
    found = configured(DATABASE_URL=url).config["SQLALCHEMY_DATABASE_URI"]
    assert found.render_as_string(hide_password=False) == "postgresql+psycopg2://u:p@h:5433/d"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"APP_ENV": "staging"}, "APP_ENV is 'staging': set it to development or production."),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL begins with sqlite: Kula runs on PostgreSQL"),
        ({"DATABASE_URL": "mysql://h/d"}, "DATABASE_URL begins with mysql: Kula runs on PostgreSQL"),
        ({"DATABASE_URL": "postgresql+asyncpg://h/d"}, "DATABASE_URL begins with postgresql+asyncpg"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is not a URL"),
        ({"DATABASE_URL": "postgresql://h:port/d"}, "DATABASE_URL is not a URL"),
        ({"SITE_URL": "kula.example.org"}, "SITE_URL is 'kula.example.org': write a scheme and a host"),
        ({"SITE_URL": "ftp://h"}, "SITE_URL is 'ftp://h': write a scheme and a host"),
        ({"SITE_URL": "https://h/path"}, "SITE_URL is 'https://h/path': write a scheme and a host"),
        ({"SITE_URL": "https://h?a=b"}, "SITE_URL is 'https://h?a=b': write a scheme and a host"),
        ({"SITE_URL": "https://u:p@h"}, "SITE_URL is not a host alone: leave out the name and the password"),
        ({"SITE_URL": "https://h:port"}, "SITE_URL is not a URL: write https://kula.example.org."),
        ({"SITE_URL": "https://"}, "SITE_URL is 'https://': write a scheme and a host"),
        ({"MEDIA_URL": "https://cdn.example/"}, "MEDIA_URL names neither a folder nor a bucket: write s3://"),
        ({"MEDIA_URL": "media"}, "MEDIA_URL names neither a folder nor a bucket"),
        ({"MEDIA_URL": "file://host/media"}, "MEDIA_URL names neither a folder nor a bucket"),
        ({"MEDIA_URL": "file:media"}, "MEDIA_URL names neither a folder nor a bucket"),
        ({"MEDIA_URL": "s3://[broken"}, "MEDIA_URL is not a URL: write s3://"),
        ({"MEDIA_URL": "s3://bucket?nothing"}, "MEDIA_URL is not a URL"),
        ({"MEDIA_URL": "s3:///prefix"}, "MEDIA_URL lacks a bucket, or has an unknown option"),
        ({"MEDIA_URL": "s3://bucket?acl=public"}, "MEDIA_URL lacks a bucket, or has an unknown option"),
        ({"MEDIA_URL": "s3://bucket?endpoint=minio:9000"}, "MEDIA_URL has an endpoint that is no address"),
        ({"MEDIA_URL": "s3://bucket?endpoint=https:///"}, "MEDIA_URL has an endpoint that is no address"),
        ({"MEDIA_URL": "s3://key:hidden@bucket"}, "MEDIA_URL holds a password: set AWS_ACCESS_KEY_ID"),
        (PRODUCTION | {"SECRET_KEY": ""}, "SECRET_KEY is not set: production needs it"),
        (PRODUCTION | {"DATABASE_URL": ""}, "DATABASE_URL is not set: production needs it"),
        (PRODUCTION | {"SITE_URL": ""}, "SITE_URL is not set: production needs it"),
        (PRODUCTION | {"SITE_URL": "http://h"}, "SITE_URL begins with http: production is to be had over"),
        (PRODUCTION | {"SMTP_URL": ""}, "SMTP_URL is not set: production needs it"),
        ({"SMTP_URL": "localhost:25"}, "SMTP_URL names no mail server: write smtp://"),
        ({"SMTP_URL": "smtp://"}, "SMTP_URL names no mail server"),
        ({"SMTP_URL": "smtp://h:port"}, "SMTP_URL is not a URL"),
        ({"SMTP_URL": "smtp://u:hidden@h/path"}, "SMTP_URL names no mail server"),
        ({"SMTP_URL": "smtp://u:hidden@h?tls"}, "SMTP_URL has an unknown option"),
        ({"SMTP_URL": "smtps://u:hidden@h?starttls"}, "SMTP_URL has an unknown option"),
        ({"SMTP_URL": "smtps://u:hidd%C3%A9n@h"}, "SMTP_URL has a user or a password with letters beyond"),
        ({"SMTP_URL": "smtps://\u00fc:hidden@h"}, "SMTP_URL has a user or a password with letters beyond"),
        ({"SMTP_URL": "smtp://u:hidden@h:587"}, "SMTP_URL would send letters for all to read: add ?starttls"),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES has a mistake (10.0.0.1/8 has host bits set)"),
        ({"TRUSTED_PROXIES": "127.0.0.1 nginx"}, "TRUSTED_PROXIES has a mistake ('nginx' does not appear"),
        ({"TRUSTED_PROXIES": "2"}, "TRUSTED_PROXIES has a mistake ('2' does not appear"),
        ({"HEALTH_TOKEN": "hidden"}, "HEALTH_TOKEN is no token: write 16 characters or more"),
        ({"HEALTH_TOKEN": "hidden hidden hidden"}, "HEALTH_TOKEN is no token"),
        ({"MAIL_FROM": "Kula"}, "MAIL_FROM is no address: write Kula <kula@"),
        ({"MAIL_FROM": "Kula <kula@h>\nBcc: hidden@h"}, "MAIL_FROM is no address"),
    ],
)
def test_a_mistake_is_one_sentence(environment, sentence, configured):
    with pytest.raises(ConfigError) as mistake:
        configured(**environment)
    message = str(mistake.value)
    assert message.startswith(sentence)
    assert message.count("\n") == 0
    assert "hidden" not in message


def test_pictures_are_kept_under_the_instance_unless_told_otherwise(configured, tmp_path, monkeypatch):
    monkeypatch.delenv("MEDIA_URL")
    assert configured().config["MEDIA_URL"] == f"file://{tmp_path}/instance/media"
    assert configured(MEDIA_URL="").config["MEDIA_URL"] == f"file://{tmp_path}/instance/media"


@pytest.mark.parametrize(
    "url",
    [
        "file:///srv/kula/media",
        "s3://bucket",
        "s3://my-bucket/some/prefix?endpoint=https://minio.example:9000&region=eu-central-1",
        "s3://bucket?endpoint=http://127.0.0.1:9000",
    ],
)
def test_a_place_for_pictures_is_taken_as_it_is(url, configured):
    assert configured(MEDIA_URL=url).config["MEDIA_URL"] == url


@pytest.mark.parametrize("url", ["http://localhost:8000", "https://kula.example.org", "https://[::1]:8443"])
def test_the_sites_own_address_is_kept_without_a_slash(url, configured):
    assert configured(SITE_URL=url).config["SITE_URL"] == url
    assert configured(SITE_URL=f"{url}/").config["SITE_URL"] == url


def test_the_site_may_have_no_address_of_its_own(configured):
    assert configured().config["SITE_URL"] is None
    assert configured(SITE_URL="").config["SITE_URL"] == ""


def test_the_cookie_is_secure_and_of_this_host_in_production_alone(configured, tmp_path):
    for app, secure, name in (
        (configured(**PRODUCTION), True, "__Host-kula_session"),
        (configured(APP_ENV="development"), False, "kula_session"),
    ):
        assert app.config["SESSION_COOKIE_SECURE"] is secure
        assert app.config["SESSION_COOKIE_NAME"] == name


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1:1025",
        "smtp://localhost",
        "smtp://user:p%40ss@mail.example:587?starttls",
        "smtps://user:password@mail.example",
    ],
)
def test_a_mail_server_is_taken_as_it_is(url, configured):
    assert configured(SMTP_URL=url).config["SMTP_URL"] == url


def test_letters_come_from_the_site_unless_told_otherwise(configured):
    assert configured().config["MAIL_FROM"] == "Kula <kula@localhost>"
    assert (
        configured(SITE_URL="https://kula.example.org").config["MAIL_FROM"] == "Kula <kula@kula.example.org>"
    )
    assert configured(MAIL_FROM="Us <us@example.org>").config["MAIL_FROM"] == "Us <us@example.org>"


def test_the_environment_loses_to_overrides(configured):
    app = configured({"SECRET_KEY": "told", "PERMANENT_SESSION_LIFETIME": timedelta(1)}, SECRET_KEY="s")
    assert app.config["SECRET_KEY"] == "told"
    assert app.permanent_session_lifetime == timedelta(1)


def test_development_makes_its_secret_once_and_keeps_it_to_itself(configured, tmp_path):
    first = configured().config["SECRET_KEY"]
    assert len(first) == 64
    assert configured().config["SECRET_KEY"] == first
    assert configured(instance=tmp_path / "other").config["SECRET_KEY"] != first
    files = list((tmp_path / "instance").iterdir())
    assert [file.name for file in files] == ["secret_key"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_used_is_told(configured, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        configured(instance=taken)


def test_proxies_are_believed_on_this_machine_unless_told_otherwise(configured):
    def proxies(**environment):
        return [str(each) for each in configured(**environment).config["TRUSTED_PROXIES"]]

    assert proxies() == ["127.0.0.0/8", "::1/128"]
    assert proxies(TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.1") == ["10.0.0.0/8", "192.0.2.1/32"]
    assert proxies(TRUSTED_PROXIES="") == []
