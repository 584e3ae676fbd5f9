"""The page of notifications, and what its forms do."""

import re
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.devices.sessions import do_not_note_use
from marketplace.listings.paging import requested_place
from marketplace.notifications import actions, blueprint, queries, wording
from marketplace.notifications.kinds import find_kind
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import count_in_words

# The id of a notification.
UNTIL = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@blueprint.get("/notifications")
@access.signed_in
def show() -> str:
    place = requested_place()
    part = queries.page_of_notifications(current_user.id, place)
    return render_template(
        "notifications/show.html",
        entries=[_entry(row) for row in part.rows],
        until_id=max((row.id for row in part.rows), default=None),
        has_unread=any(row.read_at is None for row in part.rows),
        newest_url=url_for("notifications.show") if place.cursor else None,
        newer_url=url_for("notifications.show", newer=part.newer) if part.newer else None,
        older_url=url_for("notifications.show", older=part.older) if part.older else None,
    )


@blueprint.get("/notifications/count")
@access.signed_in
def count() -> Response:
    """How many are unread, for the script that keeps the number in the header up to date."""
    # It is the script that asks, whether anybody is there or not.
    do_not_note_use()
    number = current_user.unread
    response = jsonify(unread=number, words=count_in_words(number))
    response.headers["Cache-Control"] = "private, no-store"
    response.set_etag(str(number))
    return response.make_conditional(request)


@blueprint.post("/notifications/read")
@access.signed_in
def read_all() -> Response:
    """Mark as read all up to the newest that the page showed."""
    until = request.form.get("until", "")
    if not UNTIL.fullmatch(until):
        abort(400)
    actions.mark_all_as_read(current_user.id, int(until))
    flash("All are marked as read.", "success")
    return redirect(url_for("notifications.show"), 303)


@blueprint.post("/notifications/<id:notification_id>/open")
@access.owner_of(queries.get_notification, refusal=404)
def open_notification(notification: Notification) -> Response:
    # A form and not a link: that it was read is noted, and a GET never writes.
    actions.mark_as_read(notification)
    return redirect(wording.path_of(find_kind(notification.kind), notification.details), 303)


def _entry(row: Any) -> dict[str, Any]:
    """What the page shows of one: a link to what was read before, a form for what is new."""
    kind = find_kind(row.kind)
    is_unread = row.read_at is None
    return {
        "sentence": wording.sentence_as_html(kind, row.details, row.who),
        "plain": wording.sentence_of(kind, row.details, row.who),
        "created_at": row.created_at,
        "is_unread": is_unread,
        "url": url_for("notifications.open_notification", notification_id=row.id)
        if is_unread
        else wording.path_of(kind, row.details),
    }
