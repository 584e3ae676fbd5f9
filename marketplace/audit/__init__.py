"""The audit log: what moderators, administrators and operators did, and why. Nobody can change it.

Other features call `actions.record` in the transaction of what they record.
"""

from flask import Flask


def init_app(_app: Flask) -> None:
    """Make the table known to the migrations."""
    from marketplace.audit import models  # noqa: F401
