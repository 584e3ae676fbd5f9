"""Exchanges: what two members agree on about their things, from a question or a proposal to its end.

docs/SWAPS.md draws what can happen in one. Other features ask `conditions` and `queries` what is promised.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("exchanges", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and the filters, and say what is a member's own."""
    from marketplace.exchanges import (
        command,
        course_queries,
        dispute_views,  # noqa: F401 - the views attach to the blueprint.
        endings,
        handing_views,  # noqa: F401
        loan_views,  # noqa: F401
        proposal_views,  # noqa: F401
        queries,
        review_views,  # noqa: F401
        sweep,
        thread_actions,
        thread_queries,
        thread_views,  # noqa: F401
        views,  # noqa: F401
    )
    from marketplace.exchanges.telling import register_kinds
    from marketplace.exchanges.wording import loan_days, taken_in_words
    from marketplace.mail import writers
    from marketplace.notifications import kinds
    from marketplace.own_data import parts
    from marketplace.pictures import keepers

    app.register_blueprint(blueprint)
    app.add_template_filter(loan_days)
    app.add_template_filter(taken_in_words)
    register_kinds(app)
    kinds.register(app, thread_actions.KIND)
    app.cli.add_command(command.swaps)
    writers.register(app, sweep.step)
    keepers.register(app, course_queries.IS_PICTURE_OF_LOAN)
    parts.register(app, "swaps", "Your swaps, with what you gave and wrote with it.", queries.OWN_EXCHANGES)
    parts.register(app, "swap_messages", "What you wrote to others in swaps.", thread_queries.OWN_MESSAGES)
    parts.register(app, "swap_reviews", "How you said that swaps went.", thread_queries.OWN_REVIEWS)
    parts.register(
        app, "swap_disputes", "What you asked moderators about swaps.", thread_queries.OWN_DISPUTES
    )
    parts.register(app, "swap_history", "What happened in your swaps, and when.", thread_queries.OWN_HISTORY)
    parts.leave_by(app, endings.end_all_of)
    parts.forget_by(app, endings.forget_member)
