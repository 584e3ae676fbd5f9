"""A small application that has nothing of Kula's but the operators' side, which it gets by two lines."""

import os

from flask import Flask
from models import db

from marketplace import schema


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["LIBRARY_DATABASE"]
    db.init_app(app)
    schema.init_app(app, db)
    return app
