"""What the page of a listing and the page of one of its items have in common."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_login import current_user
from markupsafe import Markup

from marketplace.categories import queries as categories
from marketplace.categories.counts import Link, link
from marketplace.categories.tree import Tree
from marketplace.freshness import true_until
from marketplace.listings.sharing import page_data, summary
from marketplace.listings.shown import items_of
from marketplace.listings.similar import Sought, similar_cards
from marketplace.moderation import queries as moderation
from marketplace.personal import macro
from marketplace.pictures import queries as pictures
from marketplace.pictures.queries import ShownPicture
from marketplace.saved import queries as saved
from marketplace.screening import queries as screening

# In a search these would exclude words, or tie them together.
_NO_SIGNS = str.maketrans(dict.fromkeys('-−"“”„«»', " "))


def viewer_of(listing: Any) -> str:
    """Say who looks at the listing: its `owner`, another `member`, or a `visitor`. Moderators are members."""
    if not current_user.is_authenticated:
        return "visitor"
    return "owner" if current_user.id == listing.owner_id else "member"


def may_see(listing: Any) -> bool:
    """Tell whether the reader may see the listing: everyone as long as it is on show, its owner always.

    Moderators see what moderators took down.
    """
    if listing.state == "active" or viewer_of(listing) == "owner":
        return True
    is_theirs = listing.state in ("hidden", "suspended") and current_user.is_authenticated
    return bool(is_theirs and current_user.is_moderator)


def actions(listing: Any, here: str, item_id: int | None) -> Markup:
    """Return what the reader can do about the listing; `here` is the page's path, to come back to.

    `item_id` is the item that a swap would begin from.
    """
    viewer = viewer_of(listing)
    is_watched = (
        viewer == "member" and listing.state == "active" and saved.is_watched(current_user.id, listing.id)
    )
    own_hidden = listing.state == "hidden" and viewer == "owner"
    is_held = own_hidden and screening.is_held(listing.id)
    reason = moderation.why_hidden(listing.id) if own_hidden and not is_held else None
    part = macro("listings/parts/actions.html", "listing_actions")
    return part(listing, viewer, is_watched, here, reason, is_held, item_id)


def reading(listing: Any, name: str, items: Sequence[Any], above: Sequence[Link] = ()) -> dict[str, Any]:
    """Return what the templates of both pages need to show `items` of the listing under `name`.

    `above` are the pages between the category's and this one. Notes until when all this is true.
    """
    for end in (listing.expires_at, listing.owner_next_end):
        if end is not None:
            true_until(end.timestamp())
    tree = categories.load_tree()
    trail = [*_trail(tree, listing.category_id), *above]
    shown_pictures = _pictures_of(items)
    return {
        "listing": listing,
        "trail": trail,
        "root_slug": _root_slug(tree, listing.category_id),
        "pictures": shown_pictures,
        "picture_urls": [f"{request.path}?picture={n + 1}#pictures" for n in range(len(shown_pictures))],
        "selected": _selected(len(shown_pictures)),
        "summary": summary(items),
        "data": page_data(request.path, name, listing, trail, items),
        "similar": similar_cards(tree, _sought(listing)),
    }


def gone(listing: Any, state: str) -> dict[str, Any]:
    """Return what the page of a listing that is gone needs; `state` is any but active, or removed.

    Of a removed one only the id, the category and the moment are known. The words of one that was
    archived or taken down are its owner's alone, and similar ones would give them away. An archived one of
    which all that was on offer has been swapped for good is told as swapped.
    """
    if state == "archived":
        promises = [item.promise for item in items_of(listing) if item.kind == "offer"]
        state = "swapped" if promises and set(promises) == {"gone"} else state
    tree = categories.load_tree()
    sought = _sought(listing) if state == "expired" else Sought(listing.id, listing.category_id)
    trail = _trail(tree, listing.category_id)
    return {"listing": listing, "state": state, "trail": trail, "similar": similar_cards(tree, sought)}


def link_to(listing: Any) -> Link:
    """Return the link to the listing's own page."""
    return Link(listing.title, url_for("listings.show", listing_id=listing.id))


def counterparts_url(item: Any) -> str:
    """Return the search for those who want what the item offers, or offer what it wants."""
    kind = "wanted" if item.kind == "offer" else "offered"
    return url_for("search.show", q=" ".join(item.name.translate(_NO_SIGNS).split()), kind=kind)


def _sought(listing: Any) -> Sought:
    return Sought(listing.id, listing.category_id, listing.title, listing.area, listing.owner_id)


def _trail(tree: Tree, category_id: int) -> list[Link]:
    node = tree.find(category_id)
    return [link(above) for above in node.trail()] if node else []


def _root_slug(tree: Tree, category_id: int) -> str:
    node = tree.find(category_id)
    return node.path.partition("/")[0] if node else ""


def _pictures_of(items: Sequence[Any]) -> list[ShownPicture]:
    """Return the pictures of the items in their order; one that is not described shows the item."""
    by_item = pictures.pictures_of_items([item.id for item in items])
    return [
        replace(picture, alt=picture.alt or item.name)
        for item in items
        for picture in by_item.get(item.id, [])
    ]


def _selected(count: int) -> int:
    """Return the place of the picture that the address asks for (`picture=`, from 1), or of the first."""
    text = request.args.get("picture", "")
    return int(text) - 1 if text in map(str, range(1, count + 1)) else 0
