"""`flask members reset-second-factor NAME`."""

import click

from marketplace.accounts.command import members
from marketplace.accounts.queries import find_member_by_name
from marketplace.extensions import db
from marketplace.second_factor import actions


@members.command("reset-second-factor")
@click.argument("name")
def reset_second_factor(name: str) -> None:
    """Let the member NAME log in by password alone, and log in anew everywhere.

    For members who lost their app and their recovery codes. Make sure first that it is they who ask.
    """
    member = find_member_by_name(name)
    if member is None:
        raise click.ClickException(f"There is no member {name}.")
    if not actions.turn_off(member):
        click.echo(f"{member.username} has no second factor.")
        return
    # Whoever is signed in there may be the reason for the call.
    member.session_epoch += 1
    db.session.commit()
    click.echo(f"{member.username} logs in by password alone now, and is logged out everywhere.")
