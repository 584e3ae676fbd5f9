"""The Flask extensions, unbound; `init_app` binds them to one application."""

from typing import Any

from flask import Flask
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from marketplace.database.base import Base
from marketplace.database.connections import Session, hurry, watch
from marketplace.database.versions import Versions


class _LoginManager(LoginManager):
    """Flask-Login without its "remember me" cookie: the session's own lasts for as long as is asked for."""

    def _load_user_from_remember_cookie(self, cookie: str) -> Any:
        return None


db = SQLAlchemy(model_class=Base, session_options={"class_": Session})
login_manager = _LoginManager()
csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Bind the extensions to `app`, whose configuration is complete."""
    db.init_app(app)
    with app.app_context():
        for engine in db.engines.values():
            watch(engine)
            hurry(engine, app.config["STATEMENT_TIMEOUT_MS"], app.config["LOCK_TIMEOUT_MS"])
        app.extensions["versions"] = Versions(db.engines)
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None
