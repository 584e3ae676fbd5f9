"""The public page of a member."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.listings.paging import requested_cursor
from marketplace.listings.shown import page_of_member
from marketplace.members import blueprint, queries


@blueprint.get("/members/<username:username>")
@access.public
def show(username: str) -> str | Response:
    cursor = requested_cursor()
    member = queries.find_profile(username) or abort(404)
    if member.username != username:
        older = request.args.get("older")
        return redirect(url_for("members.show", username=member.username, older=older), 301)
    return render_template(
        "members/show.html",
        member=member,
        page=page_of_member(categories.load_tree(), member.id, cursor, request.path),
    )
