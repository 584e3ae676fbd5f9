"""Notifications: what happened that a member should know, on the site and by letter.

Other features register their kinds (see kinds.py), and call `actions.notify` in the transaction of
what happens.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("notifications", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, the letters, and the part of the account page."""
    from marketplace.accounts import sections
    from marketplace.mail import topics, writers
    from marketplace.notifications import digests, own_views, queries, views  # noqa: F401 - views attach to it.
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    sections.register(app, "notifications", lambda: None)
    topics.register(app, digests.LETTER, "What is new, once a day", queries.daily_kinds)
    writers.register(app, digests.write_digests)
    parts.register(app, "notifications", "What we told you of on the site.", queries.OWN_NOTIFICATIONS)
    parts.register(
        app, "notification_choices", "How you want letters about what happens.", queries.OWN_CHOICES
    )
