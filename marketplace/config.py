"""Settings, read from the environment once and checked once, with one clear sentence for each mistake."""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Flask
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

HEALTH_TOKEN_LENGTH = 16
ENVIRONMENTS = ("development", "production")
# What load balancers and people with curl call the machine that they are on; no address is made of it.
OWN_NAMES = ("localhost", "127.0.0.1")


class ConfigError(SystemExit):
    """A setting is missing or wrong.

    It is a SystemExit so that every front door (flask, gunicorn, alembic) ends with its one sentence
    and exit status 1, without a traceback.
    """


def configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Fill `app.config` from the environment, then from `overrides`.

    Raises ConfigError for an unknown APP_ENV, an unusable DATABASE_URL, SITE_URL, MEDIA_URL, SMTP_URL,
    MAIL_FROM, TRUSTED_PROXIES or HEALTH_TOKEN, or a production without what it needs.
    """
    environment = os.environ.get("APP_ENV", "development")
    if environment not in ENVIRONMENTS:
        raise ConfigError(f"APP_ENV is {environment!r}: set it to development or production.")
    production = environment == "production"
    app.config.from_mapping(
        ENV_NAME=environment,
        SECRET_KEY=os.environ.get("SECRET_KEY"),
        SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL"),
        SITE_URL=os.environ.get("SITE_URL"),
        PORT=os.environ.get("PORT", "8000"),
        MEDIA_URL=os.environ.get("MEDIA_URL"),
        SMTP_URL=os.environ.get("SMTP_URL"),
        MAIL_FROM=os.environ.get("MAIL_FROM"),
        HEALTH_TOKEN=os.environ.get("HEALTH_TOKEN"),
        OUTBOX_PATH=str(Path(app.instance_path) / "outbox"),
        # A web server in front is on this machine, unless it is said to be elsewhere.
        TRUSTED_PROXIES=os.environ.get("TRUSTED_PROXIES", "127.0.0.0/8 ::1"),
        # Tests send more in a second than people do in a day, and raise this. No setting does.
        THROTTLING_SCALE=1,
        # A listing's form with its longest texts stays far below this; see docs/SECURITY.md.
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        # What is older is no session of anybody's; marketplace/devices/rules.py has the limits that count.
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        SESSION_REFRESH_EACH_REQUEST=False,
        # Browsers take a name that begins so from this host over HTTPS alone: no other one can plant it.
        SESSION_COOKIE_NAME="__Host-kula_session" if production else "kula_session",
        BROWSER_COOKIE_NAME="__Host-kula_browser" if production else "kula_browser",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=production,
        # A form left open overnight is still good; the token ends with the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.config.from_mapping(overrides)
    if production:
        _require(app, "SECRET_KEY", "SECRET_KEY")
        _require(app, "SQLALCHEMY_DATABASE_URI", "DATABASE_URL")
        _require(app, "SITE_URL", "SITE_URL")
        _require(app, "SMTP_URL", "SMTP_URL")
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = _development_secret(Path(app.instance_path))
    if app.config["SQLALCHEMY_DATABASE_URI"]:
        app.config["SQLALCHEMY_DATABASE_URI"] = _postgresql_url(str(app.config["SQLALCHEMY_DATABASE_URI"]))
    if app.config["SITE_URL"]:
        app.config["SITE_URL"] = _origin(app.config["SITE_URL"])
        # Requests that call the site by another name are refused, but for those from this machine.
        app.config["TRUSTED_HOSTS"] = [urlsplit(app.config["SITE_URL"]).netloc, *OWN_NAMES]
        if production and not app.config["SITE_URL"].startswith("https:"):
            raise ConfigError("SITE_URL begins with http: production is to be had over https:// alone.")
    if app.config["SMTP_URL"]:
        app.config["SMTP_URL"] = _smtp_url(app.config["SMTP_URL"])
    app.config["MAIL_FROM"] = _mail_from(app.config["MAIL_FROM"], app.config["SITE_URL"])
    app.config["HEALTH_TOKEN"] = _health_token(app.config["HEALTH_TOKEN"])
    app.config["TRUSTED_PROXIES"] = _networks(app.config["TRUSTED_PROXIES"])
    app.config["MEDIA_URL"] = _media_url(app.config["MEDIA_URL"], Path(app.instance_path))


def _require(app: Flask, key: str, variable: str) -> None:
    if not app.config[key]:
        raise ConfigError(f"{variable} is not set: production needs it (see docs/DEPLOYMENT.md).")


def _development_secret(instance: Path) -> str:
    """Return the secret kept under `instance/`, made on first use and readable by its owner alone."""
    file = instance / "secret_key"
    try:
        instance.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            # Written aside and linked into place, so that two first starts agree on one secret.
            draft = instance / f"secret_key.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32))
            try:
                file.hardlink_to(draft)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return file.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"The folder {instance} cannot be used ({error.strerror}): make it yours, or set SECRET_KEY."
        ) from error


def _postgresql_url(text: str) -> URL:
    """Return `text` as a psycopg2 URL; `postgres://` counts as `postgresql://`."""
    try:
        url = make_url(text)
        dialect, _, driver = url.drivername.partition("+")
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "DATABASE_URL is not a URL: write postgresql://user:password@host/database."
        ) from error
    if dialect not in ("postgres", "postgresql") or driver not in ("", "psycopg2"):
        raise ConfigError(
            f"DATABASE_URL begins with {url.drivername}: Kula runs on PostgreSQL, so write postgresql://…"
        )
    return url.set(drivername="postgresql+psycopg2")


def _origin(text: str) -> str:
    """Return `text` as the beginning of all the site's addresses: scheme and host, with no slash behind."""
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise ConfigError("SITE_URL is not a URL: write https://kula.example.org.") from error
    if parts.username or parts.password:
        # What it is stays out of the sentence, which goes into a log.
        raise ConfigError("SITE_URL is not a host alone: leave out the name and the password.")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    if text.rstrip("/") != f"{parts.scheme}://{host}{port}" or parts.scheme not in ("http", "https"):
        raise ConfigError(
            f"SITE_URL is {text!r}: write a scheme and a host in lower case, such as https://kula.example.org."
        )
    return text.rstrip("/")


def _smtp_url(text: str) -> str:
    """Return where letters are handed over as a checked URL; none travels to another machine unencrypted."""
    wanted = "write smtp://user:password@host:587?starttls, or smtps://user:password@host."
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError as error:
        raise ConfigError(f"SMTP_URL is not a URL: {wanted}") from error
    if url.scheme not in ("smtp", "smtps") or not url.hostname or url.path.strip("/") or url.fragment:
        raise ConfigError(f"SMTP_URL names no mail server: {wanted}")
    if url.query not in ("", "starttls") or (url.scheme == "smtps" and url.query):
        raise ConfigError(f"SMTP_URL has an unknown option: {wanted}")
    if url.scheme == "smtp" and not url.query and url.hostname not in OWN_NAMES:
        raise ConfigError("SMTP_URL would send letters for all to read: add ?starttls, or use smtps://.")
    if not unquote(url.netloc.rpartition("@")[0]).isascii():
        # Python's smtplib sends no other ones, and mail servers differ in how they read them.
        raise ConfigError("SMTP_URL has a user or a password with letters beyond ASCII: choose another one.")
    return text


def _mail_from(text: str | None, site_url: str | None) -> str:
    """Return the address that letters come from, with a name or without."""
    if not text:
        return f"Kula <kula@{urlsplit(site_url or '').hostname or 'localhost'}>"
    _, address = parseaddr(text)
    if not text.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ConfigError("MAIL_FROM is no address: write Kula <kula@kula.example.org>.")
    return text


def _health_token(text: str | None) -> str | None:
    """Return the word that opens /health/details and /metrics, None where they are closed to all."""
    if text and (len(text) < HEALTH_TOKEN_LENGTH or not re.fullmatch(r"[!-~]+", text)):
        # What it is stays out of the sentence, which goes into a log.
        raise ConfigError(
            f"HEALTH_TOKEN is no token: write {HEALTH_TOKEN_LENGTH} characters or more, and "
            "no spaces, such as "
            "those of: openssl rand -hex 32"
        )
    return text or None


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the addresses and networks that `text` names, with spaces or commas between them."""
    try:
        return tuple(ip_network(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        raise ConfigError(
            f"TRUSTED_PROXIES has a mistake ({error}): write addresses or networks, such as 10.0.0.0/8 ::1."
        ) from error


def _media_url(text: str | None, instance: Path) -> str:
    """Return where pictures are kept as a checked URL: that of a folder, or of a bucket with its options."""
    if not text:
        return (instance / "media").as_uri()
    wanted = "write s3://bucket/prefix?endpoint=https://…, or file:///srv/kula/media."
    try:
        url = urlsplit(text)
        options = parse_qs(url.query, strict_parsing=bool(url.query), max_num_fields=2)
        endpoint = urlsplit(options.get("endpoint", ["https://"])[0])
    except ValueError as error:
        raise ConfigError(f"MEDIA_URL is not a URL: {wanted}") from error
    if url.scheme == "file" and not url.netloc and url.path.startswith("/") and not url.query:
        return text
    if url.scheme != "s3":
        raise ConfigError(f"MEDIA_URL names neither a folder nor a bucket: {wanted}")
    if "@" in url.netloc:
        raise ConfigError("MEDIA_URL holds a password: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    if not url.netloc or not options.keys() <= {"endpoint", "region"}:
        raise ConfigError(f"MEDIA_URL lacks a bucket, or has an unknown option: {wanted}")
    if endpoint.scheme not in ("http", "https") or ("endpoint" in options and not endpoint.netloc):
        raise ConfigError(f"MEDIA_URL has an endpoint that is no address: {wanted}")
    return text
