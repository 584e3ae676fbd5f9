"""Writes of screening: the administrators' words, and listings that a moderator looks at first."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.audit.actions import record
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.reports.actions import report_by_site
from marketplace.reports.models import WORDS_LENGTH
from marketplace.reports.queries import Reported
from marketplace.screening import queries, rules
from marketplace.screening.models import ScreenedWord


class WordThereError(Exception):
    """These words are in the list already."""


class TooManyError(Exception):
    """The list is as long as it may be."""


def add_word(actor_id: int, words: str, outcome: str, note: str) -> None:
    """Put words into the list, and note in the audit log who did.

    Raises WordThereError and TooManyError.
    """
    if (db.session.scalar(select(func.count()).select_from(ScreenedWord)) or 0) >= queries.WORDS_MAXIMUM:
        raise TooManyError
    added = (
        insert(ScreenedWord)
        .values(words=words, folded=rules.fold(words), outcome=outcome, note=note)
        .on_conflict_do_nothing()
        .returning(ScreenedWord.id)
    )
    word_id = db.session.execute(added).scalar()
    if word_id is None:
        raise WordThereError
    record(actor_id, "screen", "word", word_id, reason=note, before={"words": words, "outcome": outcome})


def remove_word(actor_id: int, word_id: int) -> str | None:
    """Take words off the list; return them, or None when they are not there any more."""
    removed = delete(ScreenedWord).where(ScreenedWord.id == word_id)
    row = db.session.execute(
        removed.returning(ScreenedWord.words, ScreenedWord.outcome, ScreenedWord.note)
    ).one_or_none()
    if row is None:
        return None
    record(actor_id, "stop_screening", "word", word_id, before=row._asdict())
    return row.words


def hold_when_needed(
    listing_id: int, owner_id: int, words: Iterable[ScreenedWord], before: list[str], after: list[str]
) -> bool:
    """Keep a listing off the site until a moderator has looked at it, when there is a reason to; tell if so.

    `before` and `after` are its texts: what was there before is no reason. To be called with the listing
    already written, and locked.
    """
    held = {each.folded: each.words for each in words if each.outcome == "hold"}
    known = set(rules.words_in(before, held)) | set(rules.contacts_in(before))
    found = [held[folded] for folded in rules.words_in(after, held) if folded not in known]
    contacts = {each: what for each, what in rules.contacts_in(after).items() if each not in known}
    if contacts and rules.is_known(queries.count_settled(owner_id)):
        contacts = {}
    if not found and not contacts:
        return False
    db.session.execute(
        update(Listing)
        .where(Listing.id == listing_id)
        .values(hidden_at=func.coalesce(Listing.hidden_at, func.now()), updated_at=Listing.updated_at)
        .execution_options(synchronize_session=False)
    )
    listing = db.session.get_one(Listing, listing_id)
    reported = Reported("listing", listing.id, listing.owner_id, listing.title, listing.id, None, "")
    report_by_site(reported, rules.reason_to_look(found, contacts, WORDS_LENGTH))
    return True


def look_over_message(reported: Reported, text: str, words: Iterable[ScreenedWord]) -> None:
    """Ask moderators to look at what one member wrote to another, when there is a reason to.

    It is sent all the same. That two who swap tell each other an address or a number is no reason.
    """
    held = {each.folded: each.words for each in words if each.outcome == "hold"}
    found = [held[folded] for folded in rules.words_in([text], held)]
    links = {each: what for each, what in rules.contacts_in([text]).items() if what == rules.LINK}
    if links and rules.is_known(queries.count_settled(reported.owner_id)):
        links = {}
    if found or links:
        report_by_site(reported, rules.reason_to_look(found, links, WORDS_LENGTH))
