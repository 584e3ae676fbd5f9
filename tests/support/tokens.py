"""What letters to a member would carry, made without a letter."""

from flask import Flask

from marketplace.accounts import tokens
from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.mail.addresses import unsubscribe_token


def paths_in_letters(app: Flask, member: User, address: str = "other@example.org") -> dict[str, str]:
    """Return the paths that letters to this member name, by the route's rule."""
    with app.app_context():
        member = db.session.get_one(User, member.id)
        return {
            "/verify/<token>": f"/verify/{tokens.make_token(tokens.VERIFY, member)}",
            "/password/reset/<token>": f"/password/reset/{tokens.make_token(tokens.RESET, member)}",
            "/address/<token>": f"/address/{tokens.make_token(tokens.CHANGE, member, address)}",
            "/unsubscribe/<token>": f"/unsubscribe/{unsubscribe_token(member.id, 'listing_ends')}",
        }
