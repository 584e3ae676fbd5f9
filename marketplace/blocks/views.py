"""The page to block a member, and the list of those who are blocked."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.accounts.models import User
from marketplace.blocks import actions, blueprint, queries
from marketplace.blocks.rules import BLOCKED_MAXIMUM

TOO_MANY = f"You have blocked {BLOCKED_MAXIMUM} members, as many as can be: unblock one first."


def blocked_members() -> Sequence[Any]:
    """Return whom the member has blocked, for the account page."""
    return queries.blocked_by(current_user.id)


@blueprint.get("/members/<username:username>/block")
@access.signed_in
def ask(username: str) -> str:
    member = _somebody_else(username)
    return render_template("blocks/block.html", member=member)


@blueprint.post("/members/<username:username>/block")
@access.signed_in
def block(username: str) -> Response:
    member = _somebody_else(username)
    try:
        actions.block(current_user.id, member.id)
    except actions.TooManyError:
        flash(TOO_MANY, "error")
    else:
        flash(f"You have blocked {member.username}.", "success")
    return _to_the_list()


@blueprint.post("/members/<username:username>/unblock")
@access.signed_in
def unblock(username: str) -> Response:
    member = queries.get_member(username)
    actions.unblock(current_user.id, member.id)
    flash(f"{member.username} is not blocked.", "success")
    return _to_the_list()


def _somebody_else(username: str) -> User:
    """Return the member, who must still be here and be another one than who asks; else 404."""
    member = queries.get_member(username)
    is_here = member.is_active and not member.is_leaving
    return member if is_here and member.id != current_user.id else abort(404)


def _to_the_list() -> Response:
    return redirect(url_for("accounts.show", _anchor="blocked_members"), 303)
