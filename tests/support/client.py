"""A test client that behaves like a browser with forms, and checks each page it gets."""

import secrets
import time
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from marketplace.devices import rules
from marketplace.devices.models import Device
from marketplace.devices.sessions import USED_AT
from marketplace.extensions import db
from tests.support.html import check_page
from tests.support.statements import is_write, recorded_statements


class CheckedClient(FlaskClient):
    """Fails a test whose page is not valid, or whose GET writes to the database."""

    statements: list[str]

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # The body is read to its end, as a browser does: a file that is sent would else stay open.
        kwargs.setdefault("buffered", True)
        with recorded_statements() as statements:
            response = super().open(*args, **kwargs)
        self.statements = statements
        if response.request.method in ("GET", "HEAD"):
            writes = [statement for statement in statements if is_write(statement)]
            assert not writes, f"{response.request.path} wrote on {response.request.method}: {writes}"
        redirected = 300 <= response.status_code < 400
        has_page = response.request.method not in ("HEAD", "OPTIONS")
        if response.mimetype == "text/html" and has_page and not redirected:
            check_page(response.text)
        return response

    def page(self, path: str, status: int = 200) -> Element:
        """Get a page that must answer with `status`, and return it parsed."""
        response = self.get(path)
        assert response.status_code == status, f"{path}: {response.status}"
        return check_page(response.text)

    def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form with its CSRF token."""
        return self.post(path, data={"csrf_token": self.csrf_token(), **(data or {})}, **kwargs)

    def csrf_token(self) -> str:
        """Return a token of this client's session, as a form would carry it."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        serializer = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token")
        return str(serializer.dumps(raw))

    def sign_in(self, member: Any) -> "CheckedClient":
        """Make this client the browser of `member`, without the log-in page."""
        secret = rules.new_secret()
        with self.application.app_context():
            db.session.add(
                Device(
                    member_id=member.id,
                    secret_hash=rules.hash_of(secret),
                    session_epoch=member.session_epoch,
                    browser=rules.UNKNOWN_BROWSER,
                )
            )
            db.session.commit()
        with self.session_transaction() as session:
            session["_user_id"] = secret
            session["_fresh"] = True
            session[USED_AT] = int(time.time())
        return self
