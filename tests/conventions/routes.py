"""The one table of all routes: who gets which answer. A route that is not in it fails a test."""

from dataclasses import dataclass

from marketplace.sitemap.queries import RANGE


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
        word_id: object = 1,
    ) -> str:
        """Return the route's path with these values in it."""
        path = self.rule.replace("<id:listing_id>", str(listing_id)).replace("<id:item_id>", str(item_id))
        # A listing is in the sitemap of its range of ids.
        number = (listing_id - 1) // RANGE + 1 if isinstance(listing_id, int) else listing_id
        path = path.replace("<id:number>", str(number)).replace("<username:username>", str(username))
        path = path.replace("<uuid:draft_id>", str(draft_id)).replace("<id:search_id>", str(search_id))
        path = path.replace("<slugs:path>", str(slugs)).replace("<path:filename>", "css/tokens.css")
        path = path.replace("<any(listing,item,picture):kind>/<id:object_id>", f"listing/{listing_id}")
        path = path.replace("<id:case_id>", str(case_id)).replace("<id:word_id>", str(word_id))
        return path.replace("<key>", "0" * 32).replace("<name>", "640.webp")

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


ROUTES = [
    Route("GET", "/", "public", 200, 200, 200, 200),
    Route("GET", "/health", "public", 200, 200, 200, 200),
    Route("GET", "/style-guide", "public", 200, 200, 200, 200),
    Route("GET", "/static/<path:filename>", "public", 200, 200, 200, 200),
    Route("GET", "/register", "public", 200, 303, 303, 303),
    Route("POST", "/register", "public", 422, 422, 422, 422),
    Route("GET", "/login", "public", 200, 303, 303, 303),
    Route("POST", "/login", "public", 422, 422, 422, 422),
    Route("POST", "/logout", "public", 303, 303, 303, 303),
    Route("GET", "/categories/<slugs:path>", "public", 200, 200, 200, 200),
    Route("GET", "/listings/<id:listing_id>", "public", 200, 200, 200, 200),
    Route("GET", "/items/<id:item_id>", "public", 200, 200, 200, 200),
    Route("GET", "/members/<username:username>", "public", 200, 200, 200, 200),
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
    Route("POST", "/drafts/<uuid:draft_id>/publish", "signed in", 303, 404, 404, 303),
    Route("GET", "/drafts/<uuid:draft_id>/discard", "signed in", 303, 404, 404, 200),
    Route("POST", "/drafts/<uuid:draft_id>/discard", "signed in", 303, 404, 404, 303),
    Route("POST", "/my/listings", "signed in", 303, 400, 400, 400),
    Route("POST", "/listings/<id:listing_id>/renew", "owner", 303, 403, 403, 303),
    Route("POST", "/listings/<id:listing_id>/archive", "owner", 303, 403, 403, 303),
    Route("POST", "/listings/<id:listing_id>/restore", "owner", 303, 403, 403, 303),
    Route("GET", "/listings/<id:listing_id>/delete", "owner", 303, 403, 403, 200),
    Route("POST", "/listings/<id:listing_id>/delete", "owner", 303, 403, 403, 303),
    Route("GET", "/report/<any(listing,item,picture):kind>/<id:object_id>", "signed in", 303, 200, 200, 303),
    Route("POST", "/report/<any(listing,item,picture):kind>/<id:object_id>", "signed in", 303, 422, 422, 303),
    Route("GET", "/members/<username:username>/report", "signed in", 303, 200, 200, 303),
    Route("POST", "/members/<username:username>/report", "signed in", 303, 422, 422, 303),
    Route("GET", "/my/reports", "signed in", 303, 200, 200, 200),
    Route("GET", "/my/notices", "signed in", 303, 200, 200, 200),
    Route("POST", "/my/notices", "signed in", 303, 303, 303, 303),
    Route("GET", "/moderation", "moderator", 303, 404, 404, 404),
    Route("GET", "/moderation/cases/<id:case_id>", "moderator", 303, 404, 404, 404),
    Route("POST", "/moderation/cases/<id:case_id>", "moderator", 303, 404, 404, 404),
    Route("GET", "/moderation/log", "administrator", 303, 404, 404, 404),
    Route("GET", "/moderation/words", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/words", "administrator", 303, 404, 404, 404),
    Route("POST", "/moderation/words/<id:word_id>/remove", "administrator", 303, 404, 404, 404),
]
