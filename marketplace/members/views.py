"""The public page of a member."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.listings.paging import requested_place
from marketplace.listings.shown import page_of_member
from marketplace.members import blueprint, queries


@blueprint.get("/members/<username:username>")
@access.public
def show(username: str) -> str | Response | tuple[str, int]:
    place = requested_place()
    member = queries.find_profile(username) or abort(404)
    if member.username != username:
        # Of the two, the one that counts.
        asked = f"?{'newer' if place.back else 'older'}={place.cursor}" if place.cursor else ""
        return redirect(url_for("members.show", username=member.username) + asked, 301)
    page = page_of_member(categories.load_tree(), member.id, place, request.path)
    if place.cursor and not page.cards:
        return render_template("listings/beyond.html", first_url=request.path), 404
    return render_template("members/show.html", member=member, page=page)
