"""What is added to Flask-Migrate's `flask db` group, in place."""

from flask_migrate.cli import db

# Without this, click takes the guide's `flask db downgrade -1` for an unknown option.
db.commands["downgrade"].context_settings["ignore_unknown_options"] = True

__all__ = ["db"]
