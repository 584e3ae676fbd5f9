"""Databases for a while: a backup is restored into one beside the site's, looked at there, and dropped.

Whoever has made one holds an advisory lock for it until it is dropped. So the ones that a killed run left
are known, on any number of hosts: nobody holds their lock. Every later run drops them.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from marketplace.schema import clients, databases
from marketplace.schema.errors import RestoreFailed, ScratchRefused
from marketplace.schema.reporting import Report

SUFFIX = "_scratch_"
RANDOM = re.compile(r"[0-9a-f]{8}")
# Any number would do; with it come the locks of the databases' names.
LOCK = 6_207_014_011 % 2**31


@contextmanager
def scratch_database(url: URL, *, copy_of: str | None = None) -> Iterator[Engine]:
    """Yield an empty database like the one of `url`, or one with all that is in `copy_of`, and drop it then.

    Raises ScratchRefused when the role may not create databases, RestoreFailed when the server has none to
    connect to for that.
    """
    database = str(url.database)
    with databases.maintenance(url) as admin:
        _require_right(admin, database)
        _drop_abandoned(admin, database)
        name = databases.name_with(database, SUFFIX + secrets.token_hex(4))
        _lock(admin, name)
        try:
            if copy_of is None:
                databases.create_like(admin, name, database)
            else:
                databases.copy(admin, name, copy_of)
            yield databases.beside(url, name)
        finally:
            databases.drop(admin, name)


def require_right(url: URL) -> None:
    """Raises, before any work is done, what `scratch_database` would raise."""
    with databases.maintenance(url) as admin:
        _require_right(admin, str(url.database))


def drop_abandoned(url: URL) -> None:
    """Drop the databases that killed runs left beside the one of `url`, as far as that can be done."""
    with suppress(DBAPIError, RestoreFailed), databases.maintenance(url) as admin:
        _drop_abandoned(admin, str(url.database))


def fill(
    new: Engine, file: Path, programs: clients.Clients, report: Report, expected: int | None = None
) -> None:
    """Run pg_restore into an empty database, and have the planner know what is in it.

    `expected` is how many bytes it will have about, if that is known. Raises ClientFailed.
    """
    needed = max(clients.server_major(new), programs.major)
    programs = clients.find_clients(needed)
    address, environment = clients.address(new.url)
    command = [
        programs.program("pg_restore"),
        "--exit-on-error",
        "--no-password",
        f"--dbname={address}",
        str(file),
    ]
    with new.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

        def tell_share() -> None:
            share = min(0.99, size_of(connection) / expected) if expected else None
            report(f"Restoring {file.name}", share)

        report(f"Restoring {file.name}", None)
        clients.run(command, environment, tell_share)
        report("Counting for the planner", 1.0)
        connection.exec_driver_sql("ANALYZE")


def size_of(connection: Connection) -> int:
    """Return how many bytes the connection's database has."""
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def _require_right(admin: Connection, database: str) -> None:
    role = databases.may_create(admin)
    if role is not None:
        raise ScratchRefused(
            f"The role {role} may not create databases, and a copy of {database} needs one for a while."
            f'\nNext: psql postgres -c "ALTER ROLE {role} CREATEDB" as an administrator, then this again'
        )


def _drop_abandoned(admin: Connection, database: str) -> None:
    prefix = databases.name_with(database, SUFFIX + "x" * 8)[:-8]
    names = admin.execute(
        text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix)"), {"prefix": prefix}
    ).scalars()
    for name in names.all():
        if RANDOM.fullmatch(name.removeprefix(prefix)) and _lock(admin, name):
            databases.drop(admin, name)


def _lock(admin: Connection, name: str) -> bool:
    """Take a name's lock for as long as `admin` is connected; return False when another run has it."""
    return bool(
        admin.execute(
            text("SELECT pg_try_advisory_lock(:lock, hashtext(:name))"), {"lock": LOCK, "name": name}
        ).scalar_one()
    )
