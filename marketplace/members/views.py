"""The public page of a member."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.exchanges import review_queries, thread_pages
from marketplace.listings.paging import Place, requested_place
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
    return render_template(
        "members/show.html",
        member=member,
        page=page,
        record=review_queries.record_of(member.id),
        reviews=thread_pages.tagged(
            review_queries.page_of_reviews(member.id, Place(), review_queries.NEWEST)
        ),
    )


@blueprint.get("/members/<username:username>/reviews")
@access.public
def reviews(username: str) -> str | Response | tuple[str, int]:
    member, place = queries.find_profile(username) or abort(404), requested_place()
    part = review_queries.page_of_reviews(member.id, place)
    first_url = url_for("members.reviews", username=member.username)
    if place.cursor and not part.rows:
        return render_template("listings/beyond.html", first_url=first_url), 404
    return render_template(
        "members/reviews.html",
        member=member,
        reviews=thread_pages.tagged(part),
        newest_url=first_url if place.cursor else None,
        newer_url=f"{first_url}?newer={part.newer}" if part.newer else None,
        older_url=f"{first_url}?older={part.older}" if part.older else None,
    )
