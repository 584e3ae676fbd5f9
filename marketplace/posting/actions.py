"""Writes to drafts: keeping what was typed, making a listing of it, and letting go of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from werkzeug.exceptions import NotFound

from marketplace.extensions import db
from marketplace.listings import actions as listings
from marketplace.listings import drafts
from marketplace.listings import queries as listing_queries
from marketplace.listings.models import Listing
from marketplace.pictures import actions as pictures
from marketplace.pictures.models import Picture
from marketplace.posting.models import FORM_LENGTH, ListingDraft
from marketplace.posting.typed import Typed, rows_of
from marketplace.screening import actions as screening
from marketplace.screening.models import ScreenedWord

# A member's drafts fit on one page; what is kept for nobody yet stays small, whoever sends it.
OWN_MAXIMUM = 100
OWNERLESS_MAXIMUM = 1000
OWNERLESS_LASTS = "7 days"


class DraftRefused(Exception):  # noqa: N818 - it reads as the sentence it is.
    """The draft cannot be kept; the words say why."""


class DraftMovedOn(Exception):  # noqa: N818 - it reads as the sentence it is.
    """The page that was sent is older than the draft, which is left as it is."""


@dataclass(frozen=True)
class Sent:
    """What a page with the form sent: the draft it shows, what was typed, and what the page knew.

    `listing_id` is the published listing that is being changed, and `based_on` the moment of its last change
    when that began. `saves` is how often the draft had been saved when the page was shown. `by_itself` says
    that a script sent it, and nobody pressed a button.
    """

    draft_id: UUID
    typed: Typed
    listing_id: int | None = None
    based_on: str = ""
    saves: int = 0
    by_itself: bool = False


def save_draft(member_id: int, sent: Sent, uploaded: Iterable[Picture] = ()) -> ListingDraft:
    """Keep what was typed in the member's draft, which is made or becomes the member's when need be.

    Pictures that were `uploaded` with it are kept as long as the draft is.

    Raises NotFound for somebody else's draft or listing, DraftRefused when it is too long or one too many,
    and DraftMovedOn when a script sent it and somebody else has saved the draft, or ended it, since.
    """
    _refuse_too_long(sent.typed)
    draft = _lock(sent.draft_id)
    if draft is not None and draft.owner_id not in (None, member_id):
        raise NotFound
    if sent.by_itself and not _is_as_sent(draft, sent):
        raise DraftMovedOn
    if draft is None or draft.owner_id is None:
        draft = _home_of(member_id, sent, draft)
    _fill(draft, sent.typed)
    for picture in uploaded:
        picture.draft_id = draft.id
    db.session.flush()
    return draft


def save_without_owner(sent: Sent) -> UUID:
    """Keep what was typed by somebody who is not signed in, and return the id by which it is found again.

    Raises DraftRefused when it is too long, or when too much is kept in this way already.
    """
    _refuse_too_long(sent.typed)
    kept = select(ListingDraft.id).where(ListingDraft.owner_id.is_(None)).limit(OWNERLESS_MAXIMUM)
    if (db.session.scalar(select(func.count()).select_from(kept.subquery())) or 0) >= OWNERLESS_MAXIMUM:
        raise DraftRefused("We cannot keep this until you have logged in: log in in another window first")
    before = db.session.get(ListingDraft, sent.draft_id)
    listing_id = before.listing_id if before else sent.listing_id
    if before is None and listing_id is not None:
        listing_id = db.session.scalar(select(Listing.id).where(Listing.id == listing_id))
    # When its writer comes back, it goes on in the draft that it was typed into.
    origin = before.form.get("origin", str(before.id)) if before else None
    based_on = before.form.get("based_on", "") if before else sent.based_on
    draft = ListingDraft(id=uuid4(), listing_id=listing_id, form={"based_on": based_on, "origin": origin})
    _fill(draft, sent.typed)
    db.session.add(draft)
    db.session.flush()
    return draft.id


def publish_draft(
    draft: ListingDraft, member_id: int, content: drafts.ListingDraft, words: Sequence[ScreenedWord]
) -> tuple[int, bool]:
    """Make a listing of the member's locked draft, or change the one it is for; return the listing's id.

    `content` is what the draft holds, after it has passed validation, and `words` are those it is looked
    through for: also returned is whether a moderator looks at the listing before it is on show.
    The draft is gone afterwards.
    """
    before: list[str] = []
    if draft.listing_id is None:
        listing_id, item_ids = listings.post_listing(member_id, content)
    else:
        listing = db.session.get_one(Listing, draft.listing_id)
        before = drafts.texts_of(listing, listing_queries.items_of(listing))
        listing_id, item_ids = listing.id, listings.edit_listing(listing, content)
    shown = [_chosen(row) for _, row in rows_of(draft.form)]
    pictures.arrange_pictures(member_id, dict(zip(item_ids, shown, strict=True)))
    held = screening.hold_when_needed(
        listing_id, member_id, words, before, drafts.texts_of(content, content.items)
    )
    db.session.delete(draft)
    db.session.flush()
    return listing_id, held


def discard_draft(draft: ListingDraft) -> None:
    """Delete the draft; its pictures go with the next sweep."""
    db.session.delete(draft)
    db.session.flush()


def remove_old_ownerless(limit: int) -> int:
    """Delete drafts that nobody has come back to for a week, at most `limit`; return how many."""
    old = (
        select(ListingDraft.id)
        .where(
            ListingDraft.owner_id.is_(None),
            ListingDraft.updated_at < func.now() - text(f"interval '{OWNERLESS_LASTS}'"),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = delete(ListingDraft).where(ListingDraft.id.in_(old)).returning(ListingDraft.id)
    return len(db.session.scalars(statement, execution_options={"synchronize_session": False}).all())


def lock_draft(draft_id: UUID, member_id: int) -> ListingDraft | None:
    """Return the member's draft, which nobody else can change or publish until this request ends, or None.

    The listing that it changes is locked as well.
    """
    listing_id = db.session.scalar(select(ListingDraft.listing_id).where(ListingDraft.id == draft_id))
    if listing_id is not None:
        # Before the draft: deleting the listing takes them in this order too.
        listing = select(Listing).where(Listing.id == listing_id).with_for_update(key_share=True)
        db.session.scalar(listing, execution_options={"populate_existing": True})
    return _own(_lock(draft_id), member_id)


def _own(draft: ListingDraft | None, member_id: int) -> ListingDraft | None:
    return draft if draft is not None and draft.owner_id == member_id else None


def _lock(draft_id: UUID) -> ListingDraft | None:
    statement = select(ListingDraft).where(ListingDraft.id == draft_id).with_for_update()
    return db.session.scalar(statement, execution_options={"populate_existing": True})


def _is_as_sent(draft: ListingDraft | None, sent: Sent) -> bool:
    if draft is None:
        return sent.saves == 0
    return draft.owner_id is not None and draft.form.get("saves") == sent.saves


def _refuse_too_long(typed: Typed) -> None:
    # PostgreSQL parts names and values in the same way. There is room for what is kept beside it.
    if len(json.dumps(typed, ensure_ascii=False).encode()) > FORM_LENGTH - 500:
        raise DraftRefused("All of this together is too long to keep: shorten the longest texts")


def _fill(draft: ListingDraft, typed: Typed) -> None:
    """Put what was typed into the draft, beside what it knows of itself."""
    known = ("based_on",) if draft.owner_id else ("based_on", "origin")
    kept = {name: draft.form[name] for name in known if draft.form.get(name)}
    draft.form = {**typed, **kept, "saves": draft.form.get("saves", 0) + 1}


def _home_of(member_id: int, sent: Sent, stray: ListingDraft | None) -> ListingDraft:
    """Return the member's draft that is to hold what was sent: the one it began in, if need be a new one.

    `stray` is the draft that has been nobody's so far. It is gone afterwards, or the member's.
    """
    listing_id = _own_listing_id(member_id, stray.listing_id if stray else sent.listing_id)
    if listing_id is None and stray is None and sent.listing_id is not None:
        raise NotFound
    home = _find_home(member_id, stray.form.get("origin") if stray else None, listing_id)
    if home is not None:
        if stray is not None:
            db.session.delete(stray)
        return home
    if stray is not None:
        stray.owner_id = member_id
        stray.listing_id = listing_id
        return stray
    own = select(func.count()).select_from(ListingDraft).where(ListingDraft.owner_id == member_id)
    if (db.session.scalar(own) or 0) >= OWN_MAXIMUM:
        raise DraftRefused(f"You have {OWN_MAXIMUM} drafts: publish or discard one of them first")
    values: dict[str, Any] = {"id": sent.draft_id, "owner_id": member_id, "listing_id": listing_id}
    values["form"] = {"based_on": sent.based_on} if listing_id else {}
    # The same page sent twice at once makes one draft.
    db.session.execute(insert(ListingDraft).values(values).on_conflict_do_nothing())
    made = _own(_lock(sent.draft_id), member_id)
    if made is None:
        raise NotFound
    return made


def _own_listing_id(member_id: int, listing_id: int | None) -> int | None:
    """Return the id when the listing is the member's; its drafts are then made and found one at a time."""
    if listing_id is None:
        return None
    own = select(Listing.id).where(Listing.id == listing_id, Listing.owner_id == member_id)
    return db.session.scalar(own.with_for_update(key_share=True))


def _find_home(member_id: int, origin: str | None, listing_id: int | None) -> ListingDraft | None:
    if origin is not None and (found := _own(_lock(UUID(origin)), member_id)):
        return found
    if listing_id is None:
        return None
    of_listing = select(ListingDraft).where(
        ListingDraft.listing_id == listing_id, ListingDraft.owner_id == member_id
    )
    return db.session.scalar(of_listing.order_by(ListingDraft.id).limit(1).with_for_update())


def _chosen(row: Typed) -> Sequence[pictures.Chosen]:
    return [pictures.Chosen(int(each["id"]), each["alt"]) for each in row.get("pictures", ())]
