"""The pages of swaps: the lists of a member's, and each of them."""

from flask import render_template, request, url_for
from flask_login import current_user

from marketplace import access, clock
from marketplace.exchanges import blueprint, pages, queries, rules
from marketplace.exchanges.wording import ON_HOLD, STATE_WORDS
from marketplace.listings.paging import requested_place

Page = str | tuple[str, int]


@blueprint.get("/swaps")
@access.signed_in
def inbox() -> Page:
    tab = request.args.get("tab", "for_you")
    if tab not in queries.TABS:
        tab = "for_you"
    place, first_url = requested_place(), url_for("exchanges.inbox", tab=tab)
    part = queries.page_of_member(current_user.id, tab, place)
    if place.cursor and not part.rows:
        return render_template("listings/beyond.html", first_url=first_url), 404
    return render_template(
        "exchanges/inbox.html",
        tab=tab,
        tabs=pages.make_tabs(tab, queries.count_of_member(current_user.id)),
        rows=pages.make_rows(current_user.id, part),
        newest_url=first_url if place.cursor else None,
        **pages.pages_beside(tab, part),
    )


@blueprint.get("/swaps/<id:exchange_id>")
@access.signed_in
def show(exchange_id: int) -> str:
    return _page_of(exchange_id)


def _page_of(exchange_id: int) -> str:
    found, now = queries.get_found(exchange_id, current_user.id), clock.now()
    story = queries.story_of(exchange_id, now)
    versions = pages.shown_versions(found, story)
    state = rules.state_at(found.exchange, now)
    is_on_hold = state == "proposed" and versions[0].is_on_hold
    return render_template(
        "exchanges/show.html",
        exchange=found.exchange,
        side=found.side,
        other=found.other,
        state=state,
        is_on_hold=is_on_hold,
        state_words=ON_HOLD if is_on_hold else STATE_WORDS[state],
        is_awaited=found.exchange.awaits == found.side,
        versions=versions,
        events=pages.shown_events(found, story),
        possible=pages.can_be_done(found, now),
    )
