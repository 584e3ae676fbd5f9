"""`flask members`: who judges reports, and who keeps the site."""

import click
from flask.cli import AppGroup

from marketplace.accounts import actions, queries
from marketplace.accounts.models import ROLES
from marketplace.extensions import db

_WITH_ARTICLE = {"member": "a member", "moderator": "a moderator", "administrator": "an administrator"}

members = AppGroup("members", help="Say who is a moderator or an administrator.")


@members.command("grant")
@click.argument("name")
@click.argument("role")
def grant(name: str, role: str) -> None:
    """Give the member NAME the ROLE member, moderator or administrator."""
    if role not in ROLES:
        raise click.ClickException(f"There is no role “{role}”: the roles are {', '.join(ROLES)}.")
    member = queries.find_member_by_name(name)
    if member is None:
        raise click.ClickException(f"There is no member “{name}”.")
    if member.role == role:
        click.echo(f"{member.username} is {_WITH_ARTICLE[role]} already.")
        return
    actions.grant_role(member, role)
    db.session.commit()
    click.echo(f"{member.username} is now {_WITH_ARTICLE[role]}.")


@members.command("roles")
def roles() -> None:
    """List everyone who is more than a member."""
    found = queries.members_with_roles()
    for member in found:
        click.echo(f"{member.role}  {member.username}")
    if not found:
        click.echo("There are no moderators and no administrators yet.")
