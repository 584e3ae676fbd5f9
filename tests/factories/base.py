"""What the factories share."""

from typing import Any

from flask import Flask


class Factory:
    """Saves objects in an application context of their own, as a request would."""

    app: Flask

    def number(self) -> int:
        """Return a number not given before."""
        raise NotImplementedError

    def saved(self, *objects: Any) -> Any:
        """Commit the objects, and return the first with its columns loaded and no session behind it."""
        from marketplace.extensions import db

        with self.app.app_context():
            db.session.add_all(objects)
            db.session.commit()
            for each in objects:
                db.session.refresh(each)
                db.session.expunge(each)
        return objects[0]
