"""A site to be scanned: as in production, over TLS, with sample data and a member whose password is known."""

import os
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import dispose, make_app
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.support import postgresql
from tests.support.site import free_port, wait_until

MEMBER = "scanner"
APPLICATION = "tests.scan.served:app"
LISTINGS = "4"
CATEGORIES = "tests/scan/categories.toml"


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """Yield the address of a site whose files lie in `folder`, and end it afterwards."""
    server = postgresql.start_server()
    try:
        postgresql.make_template(server)
        url = postgresql.create_database(server, "kula_scan")
        media = (folder / "media").as_uri()
        for words in (["categories", "load", CATEGORIES], ["sample-data", "--listings", LISTINGS]):
            postgresql.run_project_command("flask", *words, database_url=url, MEDIA_URL=media)
        _make_member(url)
        port = free_port()
        address = f"https://localhost:{port}"
        environment = {
            **os.environ,
            "APP_ENV": "production",
            "DATABASE_URL": url,
            "SECRET_KEY": "a scan's",
            "SITE_URL": address,
            "MEDIA_URL": media,
            # Nobody is there: letters stay where they are.
            "SMTP_URL": "smtp://127.0.0.1:1",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "deploy/gunicorn.conf.py",
            "tests.scan.served:app",
        ]
        with (folder / "site.log").open("w") as log:
            process = subprocess.Popen(
                [*command, "--bind", f"localhost:{port}", *_certificate(folder)],
                cwd=postgresql.ROOT,
                env=environment,
                stderr=log,
            )
            try:
                wait_until(lambda: _answers(address), "the site answers")
                yield f"{address}/"
            finally:
                process.terminate()
                process.wait()
    finally:
        server.stop()


def _make_member(url: str) -> None:
    app = make_app(url)
    make = Factories(app)
    member = make.member(username=MEMBER)
    # So that what owners alone can do is attacked, too.
    make.listing(owner_id=member.id, category_id=make.category(slug="cameras").id, items=[{}])
    dispose(app)


def _certificate(folder: Path) -> list[str]:
    """Make a certificate that nobody trusts, and return gunicorn's options that name it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return ["--keyfile", str(key), "--certfile", str(certificate)]


def _answers(address: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{address}/health", context=context) as response:  # noqa: S310
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


__all__ = ["MEMBER", "PASSWORD", "running_site"]
