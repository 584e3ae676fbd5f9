"""Pictures: what members upload to show their items.

Owns the checking and re-encoding of what is sent, the storage of the files, their addresses under /media,
and the command `flask media`. Other features call `actions`, `queries` and `uploads`.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("pictures", __name__)


def init_app(app: Flask) -> None:
    """Settle where files are kept, and register the addresses and the command."""
    from marketplace.own_data import parts
    from marketplace.pictures import (
        models,  # noqa: F401 - makes the table known to the migrations.
        queries,
        storage,
        uploads,
        views,  # noqa: F401 - the views attach to the blueprint.
    )
    from marketplace.pictures.command import media
    from marketplace.pictures.sessions import Sessions

    storage.init_app(app)
    app.session_interface = Sessions()
    uploads.init_app(app)
    app.register_blueprint(blueprint)
    app.cli.add_command(media)
    parts.register(
        app, "pictures", "Your pictures; `file` is where each is in this copy.", queries.OWN_PICTURES
    )
