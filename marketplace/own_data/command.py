"""`flask members purge`."""

import click
from flask import current_app
from sqlalchemy.exc import DBAPIError

from marketplace.accounts.command import members
from marketplace.extensions import db
from marketplace.own_data import actions, queries
from marketplace.pictures.storage import StorageError, media


@members.command("purge")
def purge() -> None:
    """Delete for good who asked to leave a week ago, with everything that is theirs.

    It can run at any time, and beside itself. Files of pictures that cannot be removed now are left to
    `flask media sweep`.
    """
    deleted = 0
    try:
        for member_id in queries.members_to_delete():
            keys = actions.delete_member(member_id)
            # First the rows: files that outlive them are strays, which the sweep of pictures finds.
            db.session.commit()
            if keys is not None:
                _remove_files(keys)
                deleted += 1
        actions.remove_last_letters()
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        raise click.ClickException(
            f"The database refused ({type(error.orig).__name__}): "
            "check it with `flask db current`, and bring it up to date with `flask db upgrade`."
        ) from error
    # Imported here: it is slow, and only this command needs it.
    from marketplace.schema import attic

    kept = deleted and attic.has_copies(db.session.connection())
    db.session.rollback()
    click.echo(f"Deleted {deleted:,} member{'' if deleted == 1 else 's'} who asked to leave a week ago.")
    if kept:
        click.echo("What migrations dropped before may have rows of theirs: flask db attic --empty")


def _remove_files(keys: list[str]) -> None:
    for key in keys:
        try:
            media().delete(key)
        except StorageError as error:
            current_app.logger.error("A picture cannot be removed: %s", error)
            return
