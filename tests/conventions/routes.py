"""The one table of all routes: who gets which answer. A route that is not in it fails a test."""

from dataclasses import dataclass

from marketplace.sitemap.queries import RANGE

REPORTED = "<any(listing,item,picture,message,review):kind>/<id:object_id>"


@dataclass(frozen=True)
class Route:
    """A route with its access rule, and the status for visitor, member, other member and owner.

    `member` has nothing of their own, `other` has a listing of their own; the ids are the owner's.
    """

    method: str
    rule: str
    access: str
    visitor: int
    member: int
    other: int
    owner: int

    def path(
        self,
        listing_id: object = 1,
        item_id: object = 1,
        slugs: object = "tools",
        username: object = "member-1",
        draft_id: object = "00000000-0000-4000-8000-000000000000",
        search_id: object = 1,
        case_id: object = 1,
        device_id: object = 1,
        word_id: object = 1,
        category_id: object = 1,
        exchange_id: object = 1,
        notification_id: object = 1,
    ) -> str:
        """Return the route's path with these values in it."""
        path = self.rule.replace("<id:listing_id>", str(listing_id)).replace("<id:item_id>", str(item_id))
        # A listing is in the sitemap of its range of ids.
        number = (listing_id - 1) // RANGE + 1 if isinstance(listing_id, int) else listing_id
        path = path.replace("<id:number>", str(number)).replace("<username:username>", str(username))
        path = path.replace("<uuid:draft_id>", str(draft_id)).replace("<id:search_id>", str(search_id))
        path = path.replace("<id:device_id>", str(device_id))
        path = path.replace("<slugs:path>", str(slugs)).replace("<path:filename>", "css/tokens.css")
        path = path.replace("<token>", "of-nobody")
        path = path.replace(REPORTED, f"listing/{listing_id}")
        path = path.replace("<id:case_id>", str(case_id)).replace("<id:word_id>", str(word_id))
        path = path.replace("<id:category_id>", str(category_id))
        path = path.replace("<id:exchange_id>", str(exchange_id))
        path = path.replace("<id:notification_id>", str(notification_id))
        path = path.replace("<id:picture_id>", "1")
        return path.replace("<key>", "0" * 32).replace("<name>", "640.webp")

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


ROUTES = [
    Route("GET", "/", "public", 200, 200, 200, 200),
    Route("GET", "/health", "public", 200, 200, 200, 200),
    # Without the token of the site's settings there are no such pages; see tests/test_health_details.py.
    Route("GET", "/health/details", "public", 404, 404, 404, 404),
    Route("GET", "/metrics", "public", 404, 404, 404, 404),
    Route("GET", "/style-guide", "public", 200, 200, 200, 200),
    Route("GET", "/static/<path:filename>", "public", 200, 200, 200, 200),
    Route("GET", "/register", "public", 200, 303, 303, 303),
    Route("POST", "/register", "public", 422, 422, 422, 422),
    Route("GET", "/login", "public", 200, 303, 303, 303),
    Route("POST", "/login", "public", 422, 422, 422, 422),
    Route("POST", "/logout", "public", 303, 303, 303, 303),
    Route("GET", "/account/devices", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/devices/<id:device_id>/end", "owner", 303, 404, 404, 303),
    Route("POST", "/account/devices/end-others", "signed in", 303, 303, 303, 303),
    Route("GET", "/account/confirm", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/confirm", "signed in", 303, 422, 422, 422),
    # Nobody's log-in is half done, and nobody has a second factor or sets one up.
    Route("GET", "/login/code", "public", 303, 303, 303, 303),
    Route("POST", "/login/code", "public", 303, 303, 303, 303),
    Route("GET", "/account/second-factor", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/second-factor/begin", "confirmed", 303, 303, 303, 303),
    Route("GET", "/account/second-factor/set-up", "confirmed", 303, 303, 303, 303),
    Route("POST", "/account/second-factor/set-up", "confirmed", 303, 303, 303, 303),
    Route("POST", "/account/second-factor/recovery-codes", "confirmed", 303, 303, 303, 303),
    Route("POST", "/account/second-factor/off", "signed in", 303, 303, 303, 303),
    Route("GET", "/account", "signed in", 303, 200, 200, 200),
    Route("GET", "/account/verify", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/verify", "signed in", 303, 303, 303, 303),
    Route("GET", "/account/password", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/password", "signed in", 303, 422, 422, 422),
    Route("GET", "/account/address", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/address", "signed in", 303, 422, 422, 422),
    Route("GET", "/account/address/sent", "signed in", 303, 200, 200, 200),
    Route("GET", "/account/notifications", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/notifications", "signed in", 303, 303, 303, 303),
    Route("GET", "/notifications", "signed in", 303, 200, 200, 200),
    Route("GET", "/notifications/count", "signed in", 303, 200, 200, 200),
    Route("POST", "/notifications/read", "signed in", 303, 400, 400, 400),
    Route("POST", "/notifications/<id:notification_id>/open", "owner", 303, 404, 404, 303),
    Route("GET", "/account/data", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/data", "signed in", 303, 422, 422, 422),
    Route("GET", "/account/delete", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/delete", "signed in", 303, 422, 422, 422),
    # None of them is leaving.
    Route("GET", "/account/leaving", "signed in", 303, 303, 303, 303),
    Route("POST", "/account/leaving", "signed in", 303, 303, 303, 303),
    Route("GET", "/password/forgot", "public", 200, 200, 200, 200),
    Route("POST", "/password/forgot", "public", 422, 422, 422, 422),
    Route("GET", "/password/forgot/sent", "public", 200, 200, 200, 200),
    # Nobody made these tokens.
    Route("GET", "/verify/<token>", "public", 410, 410, 410, 410),
    Route("POST", "/verify/<token>", "public", 410, 410, 410, 410),
    Route("GET", "/password/reset/<token>", "public", 410, 410, 410, 410),
    Route("POST", "/password/reset/<token>", "public", 410, 410, 410, 410),
    Route("GET", "/address/<token>", "public", 410, 410, 410, 410),
    Route("POST", "/address/<token>", "public", 410, 410, 410, 410),
    Route("GET", "/unsubscribe/<token>", "public", 404, 404, 404, 404),
    Route("POST", "/unsubscribe/<token>", "public", 404, 404, 404, 404),
    Route("GET", "/outbox", "public", 200, 200, 200, 200),
    Route("GET", "/categories/<slugs:path>", "public", 200, 200, 200, 200),
    Route("GET", "/listings/<id:listing_id>", "public", 200, 200, 200, 200),
    Route("GET", "/items/<id:item_id>", "public", 200, 200, 200, 200),
    Route("GET", "/members/<username:username>", "public", 200, 200, 200, 200),
    Route("GET", "/members/<username:username>/reviews", "public", 200, 200, 200, 200),
    Route("GET", "/robots.txt", "public", 200, 200, 200, 200),
    Route("GET", "/sitemap.xml", "public", 200, 200, 200, 200),
    Route("GET", "/sitemaps/pages.xml", "public", 200, 200, 200, 200),
    Route("GET", "/sitemaps/<id:number>.xml", "public", 200, 200, 200, 200),
    # No picture has this key.
    Route("GET", "/media/<key>/<name>", "public", 404, 404, 404, 404),
    Route("GET", "/my/listings", "signed in", 303, 200, 200, 200),
    Route("GET", "/my/saved", "signed in", 303, 200, 200, 200),
    Route("GET", "/search", "public", 200, 200, 200, 200),
    Route("GET", "/search.atom", "public", 200, 200, 200, 200),
    Route("GET", "/my/saved/searches/new", "signed in", 303, 200, 200, 200),
    Route("POST", "/my/saved/searches/new", "signed in", 303, 422, 422, 422),
    Route("GET", "/my/saved/searches/<id:search_id>", "owner", 303, 404, 404, 200),
    Route("POST", "/my/saved/searches/<id:search_id>", "owner", 303, 404, 404, 422),
    Route("POST", "/my/saved/searches/<id:search_id>/open", "owner", 303, 404, 404, 303),
    Route("POST", "/my/saved/searches/<id:search_id>/remove", "owner", 303, 404, 404, 303),
    Route("POST", "/listings/<id:listing_id>/watch", "signed in", 303, 303, 303, 303),
    Route("POST", "/listings/<id:listing_id>/unwatch", "signed in", 303, 303, 303, 303),
    Route("GET", "/listings/new", "signed in", 303, 200, 200, 200),
    Route("GET", "/listings/new/suggestions", "signed in", 303, 200, 200, 200),
    Route("GET", "/listings/<id:listing_id>/edit", "owner", 303, 403, 403, 200),
    Route("GET", "/drafts/<uuid:draft_id>", "signed in", 303, 404, 404, 200),
    Route("POST", "/drafts/<uuid:draft_id>", "public", 303, 404, 404, 303),
    Route("GET", "/drafts/<uuid:draft_id>/check", "signed in", 303, 404, 404, 200),
    Route("POST", "/drafts/<uuid:draft_id>/publish", "verified", 303, 404, 404, 303),
    Route("GET", "/drafts/<uuid:draft_id>/discard", "signed in", 303, 404, 404, 200),
    Route("POST", "/drafts/<uuid:draft_id>/discard", "signed in", 303, 404, 404, 303),
    Route("POST", "/my/listings", "signed in", 303, 400, 400, 400),
    Route("POST", "/listings/<id:listing_id>/renew", "owner", 303, 403, 403, 303),
    Route("POST", "/listings/<id:listing_id>/archive", "owner", 303, 403, 403, 303),
    Route("POST", "/listings/<id:listing_id>/restore", "owner", 303, 403, 403, 303),
    Route("GET", "/listings/<id:listing_id>/delete", "owner", 303, 403, 403, 200),
    Route("POST", "/listings/<id:listing_id>/delete", "owner", 303, 403, 403, 303),
    Route(
        "GET",
        f"/report/{REPORTED}",
        "signed in",
        303,
        200,
        200,
        303,
    ),
    Route(
        "POST",
        f"/report/{REPORTED}",
        "signed in",
        303,
        422,
        422,
        303,
    ),
    Route("GET", "/members/<username:username>/report", "signed in", 303, 200, 200, 303),
    Route("POST", "/members/<username:username>/report", "signed in", 303, 422, 422, 303),
    Route("GET", "/members/<username:username>/block", "signed in", 303, 200, 200, 404),
    Route("POST", "/members/<username:username>/block", "signed in", 303, 303, 303, 404),
    Route("POST", "/members/<username:username>/unblock", "signed in", 303, 303, 303, 303),
    Route("GET", "/account/profile", "signed in", 303, 200, 200, 200),
    Route("POST", "/account/profile", "signed in", 303, 303, 303, 303),
    Route("GET", "/swaps", "signed in", 303, 200, 200, 200),
    Route("GET", "/swaps/<id:exchange_id>", "signed in", 303, 404, 404, 200),
    Route("GET", "/items/<id:item_id>/ask", "verified", 303, 200, 200, 303),
    Route("POST", "/items/<id:item_id>/ask", "verified", 303, 422, 422, 303),
    Route("GET", "/items/<id:item_id>/swap", "verified", 303, 200, 200, 303),
    Route("POST", "/items/<id:item_id>/swap", "verified", 303, 422, 422, 303),
    Route("GET", "/swaps/<id:exchange_id>/change", "signed in", 303, 404, 404, 200),
    # The forms are sent without the number of the proposal, and nothing was accepted.
    Route("POST", "/swaps/<id:exchange_id>/change", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/accept", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/undo", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/withdraw", "signed in", 303, 404, 404, 409),
    Route("GET", "/swaps/<id:exchange_id>/decline", "signed in", 303, 404, 404, 200),
    Route("POST", "/swaps/<id:exchange_id>/decline", "signed in", 303, 404, 404, 303),
    # Nothing is agreed on yet, and no loan is named.
    Route("GET", "/swaps/<id:exchange_id>/arrange", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/arrange", "signed in", 303, 404, 404, 422),
    Route("GET", "/swaps/<id:exchange_id>/hand-over.ics", "signed in", 303, 404, 404, 404),
    Route("GET", "/swaps/<id:exchange_id>/sheet", "signed in", 303, 404, 404, 404),
    Route("GET", "/swaps/<id:exchange_id>/hand", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/hand", "signed in", 303, 404, 404, 409),
    Route("GET", "/swaps/<id:exchange_id>/cancel", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/cancel", "signed in", 303, 404, 404, 409),
    Route("GET", "/swaps/<id:exchange_id>/dispute", "signed in", 303, 404, 404, 409),
    Route("POST", "/swaps/<id:exchange_id>/dispute", "signed in", 303, 404, 404, 422),
    Route("GET", "/swaps/<id:exchange_id>/longer", "signed in", 303, 404, 404, 404),
    Route("POST", "/swaps/<id:exchange_id>/longer", "signed in", 303, 404, 404, 404),
    Route("POST", "/swaps/<id:exchange_id>/lend-longer", "signed in", 303, 404, 404, 404),
    Route("GET", "/swaps/<id:exchange_id>/back", "signed in", 303, 404, 404, 404),
    Route("POST", "/swaps/<id:exchange_id>/back", "signed in", 303, 404, 404, 404),
    Route("POST", "/swaps/<id:exchange_id>/messages", "signed in", 303, 404, 404, 422),
    Route("GET", "/swaps/<id:exchange_id>/messages/count", "signed in", 303, 404, 404, 200),
    Route("POST", "/swaps/<id:exchange_id>/read", "signed in", 303, 404, 404, 400),
    Route("GET", "/swaps/<id:exchange_id>/pictures/<id:picture_id>/<name>", "signed in", 303, 404, 404, 404),
    Route("GET", "/swaps/<id:exchange_id>/review", "signed in", 303, 404, 404, 303),
    Route("POST", "/swaps/<id:exchange_id>/review", "signed in", 303, 404, 404, 422),
    Route("GET", "/my/reports", "signed in", 303, 200, 200, 200),
    Route("GET", "/my/notices", "signed in", 303, 200, 200, 200),
    Route("POST", "/my/notices", "signed in", 303, 303, 303, 303),
    Route("GET", "/moderation", "moderator", 303, 404, 404, 404),
    Route("GET", "/moderation/cases/<id:case_id>", "moderator", 303, 404, 404, 404),
    Route("POST", "/moderation/cases/<id:case_id>", "moderator", 303, 404, 404, 404),
    Route("GET", "/moderation/swaps", "moderator", 303, 404, 404, 404),
    Route("GET", "/moderation/swaps/<id:exchange_id>", "moderator", 303, 404, 404, 404),
    Route("POST", "/moderation/swaps/<id:exchange_id>", "moderator", 303, 404, 404, 404),
    Route("GET", "/moderation/log", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/words", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/words", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/words/<id:word_id>/remove", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/categories", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/categories/new", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/categories/new", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/categories/<id:category_id>/rename", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/categories/<id:category_id>/rename", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/categories/<id:category_id>/move", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/categories/<id:category_id>/move", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/categories/<id:category_id>/retire", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/categories/<id:category_id>/retire", "administrator", 303, 404, 404, 404),
]
