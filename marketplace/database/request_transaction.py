"""One transaction for each request: committed once, at the end, and only on success."""

from flask import Flask, Response, g, request, session

from marketplace.database.connections import SAFE_METHODS
from marketplace.extensions import db


def init_app(app: Flask) -> None:
    """Commit after a request that may write and succeeded; everything else is rolled back by the teardown."""

    @app.after_request
    def commit_on_success(response: Response) -> Response:
        succeeded = response.status_code < 400 or "kept_if_refused" in g
        if request.method not in SAFE_METHODS and succeeded:
            try:
                db.session.commit()
            except Exception:
                # The browser keeps the session it has: this one says that it was done.
                session.modified = False
                raise
        return response


def keep_if_refused() -> None:
    """Have what this request writes committed also when it is refused: a letter that tells of it, say."""
    g.kept_if_refused = True
