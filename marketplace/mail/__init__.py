"""Mail: the letters that the site writes, how they are sent, and which of them a member wants."""

from flask import Blueprint, Flask

blueprint = Blueprint("mail", __name__)
# The letters that development writes into files; a page that production does not have.
outbox = Blueprint("outbox", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and `flask mail`."""
    from marketplace.mail import command, outbox_views, queries, views  # noqa: F401 - the views attach to them.
    from marketplace.own_data import parts

    app.cli.add_command(command.mail)
    app.register_blueprint(blueprint)
    parts.register(
        app, "letters", "The letters that we wrote to you lately, without their words.", queries.OWN_LETTERS
    )
    parts.register(app, "unwanted_letters", "What you want no letters about.", queries.OWN_TOPICS)
    in_files = app.config["ENV_NAME"] == "development" and not app.config["SMTP_URL"]
    app.jinja_env.globals["letters_are_files"] = in_files
    if in_files:
        app.register_blueprint(outbox)
