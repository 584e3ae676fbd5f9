"""A browser without a screen: cookies, forms and files over a real connection."""

import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from uuid import uuid4

from werkzeug.test import encode_multipart

from tests.factories.accounts import PASSWORD
from tests.support.pictures import as_upload
from tests.support.site import Site

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


class Browser:
    """Asks one site, and remembers its cookies."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page."""
        return self._open(path, None, {})

    def submit(self, page: str, path: str, fields: Mapping[str, Any]) -> tuple[int, str]:
        """Send the form on a page; the status is 0 when no answer came."""
        token = TOKEN.search(self.get(page)[1])
        assert token, page
        boundary, body = encode_multipart({"csrf_token": token[1], **fields})
        kind = f"multipart/form-data; boundary={boundary}"
        return self._open(path, body, {"Content-Type": kind, "Referer": self._site.address})

    def register(self, name: str) -> int:
        """Become a member; return the answer's status."""
        account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return self.submit("/register", "/register", account)[0]

    def upload(self, picture: bytes) -> tuple[int, str]:
        """Send a listing's form with a picture to be kept as a draft."""
        form = {"title": "Tools", "offers-0-name": "Saw", "offers-0-files": as_upload(picture)}
        return self.submit("/listings/new", f"/drafts/{uuid4()}", form)

    def _open(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str]:
        request = urllib.request.Request(self._site.address + path, body, headers)  # noqa: S310
        try:
            with self._opener.open(request) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (HTTPException, OSError):
            return 0, ""
