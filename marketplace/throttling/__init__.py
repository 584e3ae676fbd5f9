"""Throttling: how often what others can guess, fill up or wear out may be tried.

Owns the table of attempts, which all processes share, and the limits in `rules`. Other features call
`actions.count_attempt` before they do what is limited.
"""

from flask import Flask


def init_app(_app: Flask) -> None:
    """Make the table known to the migrations; there are no pages."""
    from marketplace.throttling import models  # noqa: F401
