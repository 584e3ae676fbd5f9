"""Sessions for pages, and none for the files of pictures, which are the same for everybody."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

ENDPOINT = "pictures.show"


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions, which an answer with a file neither renews nor depends on."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, unless the answer is a file that caches may share."""
        if request.endpoint != ENDPOINT:
            super().save_session(app, session, response)
