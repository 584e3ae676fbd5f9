"""What a site may set for its migrations, with defaults that suit most."""

import os
from dataclasses import dataclass
from typing import Any

from flask import Flask

from marketplace.schema.errors import SchemaError


@dataclass(frozen=True)
class Settings:
    """`lock_timeout_ms` is how long DDL queues before it gives way; `patience` how many seconds it goes on
    trying; `run_patience` how many seconds a run waits for another one to end."""

    lock_timeout_ms: int
    patience: float
    run_patience: float
    connect_args: dict[str, Any]
    forgiving: bool


def read_settings(app: Flask) -> Settings:
    """Read them from the configuration, else from the environment. Raises SchemaError for a bad number."""
    options = app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {}
    return Settings(
        lock_timeout_ms=int(_number(app, "MIGRATION_LOCK_TIMEOUT_MS", 400)),
        patience=_number(app, "MIGRATION_LOCK_PATIENCE_SECONDS", 120),
        run_patience=_number(app, "MIGRATION_RUN_PATIENCE_SECONDS", 3600),
        connect_args=dict(options.get("connect_args", {})),
        # On the embedded server of a developer's machine a backup is enough of a question.
        forgiving=bool(app.config.get("EMBEDDED_DATABASE")) and app.config.get("ENV_NAME") == "development",
    )


def _number(app: Flask, name: str, default: float) -> float:
    value = app.config.get(name, os.environ.get(name, default))
    try:
        number = float(value)
    except ValueError:
        number = -1
    if number < 0:
        raise SchemaError(f"{name} is {value!r}: set it to a number that is not negative.")
    return number
