"""Exchanges: what two members agree on about their things, from a question or a proposal to its end.

docs/SWAPS.md draws what can happen in one. Other features ask `conditions` and `queries` what is promised.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("exchanges", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and the filter."""
    from marketplace.exchanges import views  # noqa: F401 - the views attach to the blueprint.
    from marketplace.exchanges.wording import loan_days

    app.register_blueprint(blueprint)
    app.add_template_filter(loan_days)
