"""`flask listings sweep`."""

from collections.abc import Callable

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from marketplace.database.slots import fold_ended_slots
from marketplace.extensions import db
from marketplace.listings import actions as listing_actions
from marketplace.mail.actions import remove_old_letters
from marketplace.notifications.actions import remove_old_notifications
from marketplace.posting import actions, endings
from marketplace.throttling.actions import remove_forgotten

# Small enough that nobody waits for the rows of a batch.
BATCH = 500

listings = AppGroup("listings", help="Look after listings and drafts.")


@listings.command("sweep")
def sweep() -> None:
    """Mark listings whose time is over, tell owners of those that end soon, and tidy up.

    It can run at any time, and beside itself.
    """
    try:
        expired = _in_batches(listing_actions.expire_listings)
        told = _in_batches(endings.tell_owners)
        drafts = _in_batches(actions.remove_old_ownerless)
        _in_batches(remove_forgotten)
        letters = _in_batches(remove_old_letters)
        _in_batches(remove_old_notifications)
        folded = fold_ended_slots()
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        raise click.ClickException(
            f"The database refused ({type(error.orig).__name__}): "
            "check it with `flask db current`, and bring it up to date with `flask db upgrade`."
        ) from error
    click.echo(
        f"Marked {_counted(expired, 'listing')} as expired, told of {_counted(told, 'end')}, "
        f"removed {_counted(drafts, 'old draft')}, removed {_counted(letters, 'old letter')}, "
        f"folded {_counted(folded, 'counter')}."
    )


def _in_batches(act: Callable[[int], int]) -> int:
    """Let `act` do its work in batches, each of them committed, until nothing is left."""
    total = 0
    while done := act(BATCH):
        db.session.commit()
        total += done
    return total


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
