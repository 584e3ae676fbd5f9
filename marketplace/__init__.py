"""Kula, a barter marketplace. `create_app` builds the Flask application from its named parts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application.

    `overrides` are configuration values that win over the environment's (tests use them).
    Raises `marketplace.config.ConfigError`, a one-sentence SystemExit, when a setting is missing or wrong.
    """
    from marketplace import (
        access,
        accounts,
        assets,
        audit,
        blocks,
        categories,
        conditional,
        config,
        database,
        devices,
        errors,
        exchanges,
        extensions,
        health,
        limits,
        listings,
        logs,
        mail,
        maintenance,
        members,
        moderation,
        notifications,
        own_data,
        pages,
        personal,
        pictures,
        posting,
        reports,
        request_log,
        sample_data,
        saved,
        schema,
        screening,
        search,
        second_factor,
        security_headers,
        serve,
        sitemap,
        style_guide,
        templating,
        throttling,
        urls,
    )

    app = Flask(
        __name__,
        instance_path=str(ROOT / "instance"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    config.configure(app, overrides or {})
    database.init_app(app)
    extensions.init_app(app)
    schema.init_app(app, extensions.db, directory=ROOT / "migrations", distribution="kula")
    urls.init_app(app)
    limits.init_app(app)
    templating.init_app(app)
    conditional.init_app(app)
    personal.init_app(app)
    assets.init_app(app)
    security_headers.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    maintenance.init_app(app)
    for feature in (
        pages,
        throttling,
        audit,
        accounts,
        devices,
        second_factor,
        mail,
        categories,
        listings,
        members,
        pictures,
        posting,
        search,
        saved,
        reports,
        blocks,
        moderation,
        exchanges,
        notifications,
        own_data,
        screening,
        sitemap,
        sample_data,
        health,
        serve,
        style_guide,
    ):
        feature.init_app(app)
    request_log.init_app(app)
    logs.init_app(app)
    return app
