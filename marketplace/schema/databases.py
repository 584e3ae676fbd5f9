"""Whole databases: made like another one, exchanged in one transaction, dropped, marked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError, OperationalError

from marketplace.schema.contents import plain
from marketplace.schema.errors import RestoreFailed

# Databases that every server has, to be connected to while another one is renamed.
MAINTENANCE = ("postgres", "template1")
MAX_NAME_BYTES = 63
EVICT_SECONDS = 0.05
TRIES = 3
# Settings whose value is a list already quoted by the server.
LISTS = frozenset({"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"})
LOCK = 6_207_014_010


@contextmanager
def maintenance(url: URL, isolation: IsolationLevel = "AUTOCOMMIT") -> Iterator[Connection]:
    """Yield a connection to the server beside the database; unless told, each statement commits at once.

    Raises RestoreFailed when there is none to be had.
    """
    last: DBAPIError | None = None
    for name in MAINTENANCE:
        engine = create_engine(url.set(database=name), poolclass=NullPool)
        try:
            connection = engine.connect().execution_options(isolation_level=isolation)
        except OperationalError as error:
            last = error
            continue
        with connection:
            yield connection
        return
    assert last is not None
    raise RestoreFailed(
        f"The server cannot be reached: {str(last.orig).strip().splitlines()[0]}.\n"
        f"Next: see that it runs, and that {url.username or 'you'} may connect to the database postgres"
    )


def beside(url: URL, database: str) -> Engine:
    """Return an engine, without a pool, for another database of the same server."""
    return create_engine(url.set(database=database), poolclass=NullPool)


def name_with(database: str, suffix: str) -> str:
    """Return a database's name with something added, as long as PostgreSQL allows."""
    kept = database.encode()[: MAX_NAME_BYTES - len(suffix.encode())].decode(errors="ignore")
    return kept + suffix


def mark_of(admin: Connection, database: str) -> str | None:
    """Return what a database is marked with, None for none; LookupError when there is no such database."""
    row = admin.execute(
        text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name"),
        {"name": database},
    ).one_or_none()
    if row is None:
        raise LookupError(database)
    return row[0]


def exists(admin: Connection, database: str) -> bool:
    """Tell whether there is such a database."""
    return admin.execute(
        text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)"), {"name": database}
    ).scalar_one()


def mark(admin: Connection, database: str, words: str | None) -> None:
    """Mark a database with some words; they go with it when it is renamed."""
    value = "NULL" if words is None else _literal(admin, words)
    admin.execute(plain(f"COMMENT ON DATABASE {_quote(admin, database)} IS {value}"))


def marked_like(admin: Connection, prefix: str, words: str) -> list[tuple[str, str, int]]:
    """Return the databases whose name and mark begin so: name, mark and size in bytes, by name."""
    rows = admin.execute(
        text(
            "SELECT datname, shobj_description(oid, 'pg_database') AS mark, pg_database_size(oid)"
            " FROM pg_database WHERE starts_with(datname, :prefix)"
            " AND starts_with(shobj_description(oid, 'pg_database'), :words) ORDER BY datname"
        ),
        {"prefix": prefix, "words": words},
    )
    return [(name, words, int(size)) for name, words, size in rows]


def drop(admin: Connection, database: str) -> None:
    """Drop a database and whoever is connected to it."""
    admin.execute(plain(f"DROP DATABASE IF EXISTS {_quote(admin, database)} WITH (FORCE)"))


def copy(admin: Connection, database: str, original: str) -> None:
    """Create a database with all that is in `original`, to which nobody may be connected."""
    admin.execute(plain(f"CREATE DATABASE {_quote(admin, database)} TEMPLATE {_quote(admin, original)}"))


def may_create(admin: Connection) -> str | None:
    """Return None when our role may create databases, else the role's name."""
    role, may = admin.execute(
        text("SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    ).one()
    return None if may else str(role)


def create_like(admin: Connection, database: str, model: str) -> None:
    """Create an empty database with the encoding, locale, owner, rights and settings of `model`.

    Without a `model` it gets UTF-8 and the server's defaults.
    """
    name = _quote(admin, database)
    # The locale of ICU and of PostgreSQL's own providers moved to another column with version 17.
    row = admin.execute(
        text(
            "SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, datlocprovider,"
            " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale,"
            " datdba::regrole::text AS owner, datconnlimit, datacl IS NULL AS plain_rights,"
            " oid::bigint AS oid,"
            # The one that a new database gets anyway may be named only by those with rights on it.
            " (SELECT quote_ident(spcname) FROM pg_tablespace AS s WHERE s.oid = d.dattablespace AND s.oid <>"
            "   (SELECT dattablespace FROM pg_database WHERE datname = 'template0')) AS tablespace"
            " FROM pg_database AS d WHERE datname = :name"
        ),
        {"name": model},
    ).one_or_none()
    if row is None:
        admin.execute(plain(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        return
    parts = [
        f"CREATE DATABASE {name} TEMPLATE template0 OWNER {row.owner}",
        f"ENCODING {_literal(admin, row.encoding)}",
        f"LC_COLLATE {_literal(admin, row.datcollate)} LC_CTYPE {_literal(admin, row.datctype)}",
        f"CONNECTION LIMIT {row.datconnlimit}",
    ]
    if row.tablespace:
        parts.append(f"TABLESPACE {row.tablespace}")
    if row.datlocprovider == "i":
        parts.append(f"LOCALE_PROVIDER icu ICU_LOCALE {_literal(admin, row.locale)}")
    elif row.datlocprovider == "b":
        parts.append(f"LOCALE_PROVIDER builtin BUILTIN_LOCALE {_literal(admin, row.locale)}")
    else:
        parts.append("LOCALE_PROVIDER libc")
    admin.execute(plain(" ".join(parts)))
    for statement in [
        *_settings(admin, name, row.oid),
        *([] if row.plain_rights else _rights(admin, name, row.oid)),
    ]:
        admin.execute(plain(statement))


def _settings(admin: Connection, name: str, model: int) -> list[str]:
    rows = admin.execute(
        text(
            "SELECT CASE WHEN setrole <> 0 THEN setrole::regrole::text END, split_part(item, '=', 1),"
            " substr(item, strpos(item, '=') + 1)"
            " FROM pg_db_role_setting, unnest(setconfig) AS item WHERE setdatabase = :oid"
        ),
        {"oid": model},
    )
    statements = []
    for role, setting, value in rows:
        words = value if setting.lower() in LISTS else _literal(admin, value)
        target = f"ROLE {role} IN DATABASE {name}" if role else f"DATABASE {name}"
        statements.append(f"ALTER {target} SET {setting} TO {words}")
    return statements


def _rights(admin: Connection, name: str, model: int) -> list[str]:
    rows = admin.execute(
        text(
            "SELECT privilege_type, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,"
            " is_grantable FROM pg_database, aclexplode(datacl) WHERE oid = :oid"
        ),
        {"oid": model},
    )
    grants = [
        f"GRANT {right} ON DATABASE {name} TO {who}{' WITH GRANT OPTION' if grantable else ''}"
        for right, who, grantable in rows
    ]
    return [f"REVOKE ALL ON DATABASE {name} FROM PUBLIC", *grants]


def exchange(url: URL, current: str, fresh: str, kept: str, words: str) -> None:
    """Give `current` the name `kept`, marked with `words`, and `fresh` the name `current`, both or neither.

    Whoever is connected to `current` is disconnected. Raises RestoreFailed with nothing changed.
    """
    with maintenance(url, "READ COMMITTED") as admin:
        was_there = exists(admin, current)
        old_mark = mark_of(admin, current) if was_there else None
        for attempt in range(1, TRIES + 1):
            admin.rollback()
            try:
                with _evicted(url, current), admin.begin():
                    if was_there:
                        _rename(admin, current, kept)
                        mark(admin, kept, words)
                    _rename(admin, fresh, current)
                    mark(admin, current, old_mark)
                return
            except OperationalError as error:
                # Somebody was connected to it all the same.
                if getattr(error.orig, "pgcode", None) != "55006" or attempt == TRIES:
                    raise


def _rename(admin: Connection, old: str, new: str) -> None:
    admin.execute(plain(f"ALTER DATABASE {_quote(admin, old)} RENAME TO {_quote(admin, new)}"))


@contextmanager
def _evicted(url: URL, database: str) -> Iterator[None]:
    """Disconnect everybody from a database, again and again until the block ends.

    A rename locks new connections out and then waits some seconds for the old ones to go, so this runs
    beside it. The database is told by its object id: under its name there will soon be another one.
    """
    done = threading.Event()

    def evict() -> None:
        with suppress(DBAPIError, RestoreFailed), maintenance(url) as admin:
            oid = admin.execute(
                text("SELECT oid::bigint FROM pg_database WHERE datname = :name"), {"name": database}
            ).scalar()
            started.set()
            while oid is not None and not done.is_set():
                admin.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid = :oid"),
                    {"oid": oid},
                )
                done.wait(EVICT_SECONDS)

    started = threading.Event()
    thread = threading.Thread(target=evict, daemon=True)
    thread.start()
    started.wait(5)
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def only_restore(admin: Connection, database: str) -> Iterator[None]:
    """Let one restore of a database run at a time. Raises RestoreFailed when another one is at work."""
    key = {"lock": LOCK % 2**31, "name": database}
    if not admin.execute(text("SELECT pg_try_advisory_lock(:lock, hashtext(:name))"), key).scalar_one():
        raise RestoreFailed(
            f"Another restore of {database} is running.\nNext: wait for it, then: flask db log"
        )
    try:
        yield
    finally:
        admin.execute(text("SELECT pg_advisory_unlock(:lock, hashtext(:name))"), key)


def _quote(admin: Connection, name: str) -> str:
    # Always quoted, because the name may be a word of PostgreSQL's.
    return '"' + name.replace('"', '""') + '"'


def _literal(admin: Connection, value: str) -> str:
    return str(admin.execute(text("SELECT quote_literal(:value)"), {"value": value}).scalar_one())
