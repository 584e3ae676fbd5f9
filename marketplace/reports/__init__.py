"""Reports: members tell moderators of what should not be on the site, and learn what became of it.

Other features call `actions.report_by_site`.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("reports", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and the links that lead to them."""
    from marketplace import personal
    from marketplace.own_data import parts
    from marketplace.reports import actions, queries, views  # noqa: F401 - the views attach to the blueprint.
    from marketplace.reports.links import report_link

    app.register_blueprint(blueprint)
    personal.register(app, "report_link", report_link)
    parts.register(app, "reports", "What you have reported.", queries.OWN_REPORTS)
    parts.forget_by(app, actions.forget_words_of)
