"""One transaction for each request: committed once, at the end, and only on success."""

from flask import Flask, Response, request, session

from marketplace.database.connections import SAFE_METHODS
from marketplace.extensions import db


def init_app(app: Flask) -> None:
    """Commit after a request that may write and succeeded; everything else is rolled back by the teardown."""

    @app.after_request
    def commit_on_success(response: Response) -> Response:
        if request.method not in SAFE_METHODS and response.status_code < 400:
            try:
                db.session.commit()
            except Exception:
                # The browser keeps the session it has: this one says that it was done.
                session.modified = False
                raise
        return response
