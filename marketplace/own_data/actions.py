"""Writes: leaving, coming back, and deleting for good."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update

from marketplace.accounts.actions import is_own_password
from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.mail.actions import write_letter
from marketplace.mail.models import Letter
from marketplace.own_data import parts, queries
from marketplace.own_data.rules import way_back_until
from marketplace.pictures.actions import delete_pictures_of

GONE = "account_gone"


def leave(member: User, password: str) -> datetime | None:
    """Note that the member leaves: all sessions end, and the listings are off show, at once.

    Returns until when there is a way back, and writes a letter that says so. None when `password` is not
    the member's. Raises Throttled when too many others were tried.
    """
    if not is_own_password(member, password):
        return None
    _lock(member)
    member.leaving_at = moment = db.session.scalars(select(func.now())).one()
    member.session_epoch = User.session_epoch + 1
    db.session.flush()
    parts.leave(member.id)
    _show_from(member.id, text("'infinity'"))
    until = way_back_until(moment)
    write_letter("leaving", member.email, member.id, username=member.username, until=until)
    return until


def stay(member: User) -> bool:
    """Take the member back: everything is as before. False when they have just been deleted."""
    if not _lock(member):
        return False
    if member.leaving_at is not None:
        member.leaving_at = None
        # First, since listings of who is leaving stay off show.
        db.session.flush()
        _show_from(member.id, member.suspended_until)
    return True


def delete_member(member_id: int) -> list[str] | None:
    """Delete the member for good, when there is no way back any more, and write the last letter.

    Returns the keys of the pictures whose files nothing needs any more: they may go once this is committed.
    None when the member is not to be deleted, or is being deleted by somebody else.
    """
    found = queries.lock_to_delete(member_id)
    if found is None:
        return None
    username, address = found
    parts.forget(member_id)
    keys = delete_pictures_of(member_id)
    db.session.execute(
        delete(User).where(User.id == member_id), execution_options={"synchronize_session": False}
    )
    # It belongs to nobody: the letters of a member go with the member.
    write_letter(GONE, address, username=username)
    return keys


def remove_last_letters() -> None:
    """Delete the last letters of those who have left, once they are sent or given up."""
    ended = (Letter.name == GONE, or_(Letter.sent_at.is_not(None), Letter.failed_at.is_not(None)))
    db.session.execute(delete(Letter).where(*ended), execution_options={"synchronize_session": False})


def _lock(member: User) -> bool:
    """Have whoever changes the member take turns; False when there is none any more."""
    statement = select(User).where(User.id == member.id).with_for_update()
    return db.session.scalar(statement, execution_options={"populate_existing": True}) is not None


def _show_from(member_id: int, moment: Any) -> None:
    # Their owner did not change them.
    db.session.execute(
        update(Listing)
        .where(Listing.owner_id == member_id)
        .values(shown_from=moment, updated_at=Listing.updated_at)
        .execution_options(synchronize_session=False)
    )
