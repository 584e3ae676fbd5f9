"""The statements that make an object of a database what another reading of its catalogue says it is."""

from collections.abc import Callable

from marketplace.schema.catalogue import Object, column_sql
from marketplace.schema.errors import SchemaError


class NotWritten(SchemaError):  # noqa: N818 - it reads as the sentence it is.
    """A revision cannot be written for something; the text says for what, and what to do."""


def statements(pairs: list[tuple[Object | None, Object | None]]) -> list[str]:
    """Return the statements that turn each first object into the second, in an order that works.

    The pairs are in the order in which objects can be made. Raises NotWritten.
    """
    gone = {old.key for old, new in pairs if old is not None and new is None}
    made: list[str] = []
    dropped: list[str] = []
    for old, new in pairs:
        if new is None:
            assert old is not None
            # What belongs to something that goes needs no statement of its own.
            if old.parent not in gone:
                dropped += _drop(old)
        else:
            made += _make(old, new)
    return dropped[::-1] + made


def _make(old: Object | None, new: Object) -> list[str]:
    make = MAKERS.get(new.kind)
    if make is None:
        raise NotWritten(
            f"No revision can be written for the {new.key}: its kind is not made by revisions here.\n"
            "Next: flask db drift --accept, or undo it by hand"
        )
    return make(old, new)


def _drop(old: Object) -> list[str]:
    facts = old.facts
    if old.kind == "grant":
        return _grant(old, undo=True)
    if old.kind == "comment":
        return [_comment_on(old, "NULL")]
    if old.kind == "column":
        return [f"ALTER TABLE {facts['target']} DROP COLUMN IF EXISTS {facts['column']}"]
    if old.kind == "constraint":
        return [f"ALTER TABLE {facts['target']} DROP CONSTRAINT IF EXISTS {facts['constraint']}"]
    if old.kind in ("trigger", "rule", "policy"):
        return [f"DROP {old.kind.upper()} IF EXISTS {facts[old.kind]} ON {facts['target']}"]
    if old.kind == "index":
        return [] if facts["of constraint"] else [f"DROP INDEX IF EXISTS {facts['target']}"]
    if old.kind == "function":
        return [f"DROP {_routine(old)} IF EXISTS {facts['target']}"]
    if old.kind == "view":
        return [f"DROP {_view(old)} IF EXISTS {facts['target']}"]
    if old.kind in ("schema", "extension"):
        return [f"DROP {old.kind.upper()} IF EXISTS {old.name}"]
    if old.kind in ("type", "sequence", "table", "statistics"):
        return [f"DROP {old.kind.upper()} IF EXISTS {facts['target']}"]
    return _make(None, old)


def _table(old: Object | None, new: Object) -> list[str]:
    facts = new.facts
    if facts["kind"] != "r" or facts["inherits"] or facts["persistence"] != "p":
        raise NotWritten(
            f"No revision can be written for the table {new.name}, which is partitioned, "
            "inherits, unlogged or "
            "foreign.\nNext: flask db revision, and write it by hand, or flask db drift --accept"
        )
    made = [] if old else [f"CREATE TABLE IF NOT EXISTS {facts['target']} ()"]
    for name, words in (("row security", "ROW LEVEL SECURITY"), ("forced", "ROW LEVEL SECURITY")):
        if facts[name] != (old.facts[name] if old else False):
            verb = ("FORCE" if facts[name] else "NO FORCE") if name == "forced" else "ENABLE"
            verb = "DISABLE" if name == "row security" and not facts[name] else verb
            made.append(f"ALTER TABLE {facts['target']} {verb} {words}")
    before = dict(each.split("=", 1) for each in (old.facts["options"] if old else None) or [])
    after = dict(each.split("=", 1) for each in facts["options"] or [])
    if changed := [f"{name} = '{value}'" for name, value in after.items() if before.get(name) != value]:
        made.append(f"ALTER TABLE {facts['target']} SET ({', '.join(changed)})")
    if reset := [name for name in before if name not in after]:
        made.append(f"ALTER TABLE {facts['target']} RESET ({', '.join(reset)})")
    return made


def _column(old: Object | None, new: Object) -> list[str]:
    facts, table = new.facts, f"ALTER TABLE {new.facts['target']}"
    if old is None:
        return [f"{table} ADD COLUMN IF NOT EXISTS {facts['column']} {column_sql(new)}"]
    if any(old.facts[name] != facts[name] for name in ("identity", "generated")) or (
        facts["generated"] and old.rendered != new.rendered
    ):
        raise NotWritten(
            f"No revision can be written for the column {new.name}, whose values are "
            "generated otherwise now.\n"
            "Next: flask db revision, and write it by hand, or flask db drift --accept"
        )
    column = f"{table} ALTER COLUMN {facts['column']}"
    made = []
    if any(old.facts[name] != facts[name] for name in ("type", "collation")):
        collation = f" COLLATE {facts['collation']}" if facts["collation"] else ""
        made.append(f"{column} TYPE {facts['type']}{collation} USING {facts['column']}::{facts['type']}")
    if old.rendered != new.rendered:
        made.append(f"{column} SET DEFAULT {new.rendered}" if new.rendered else f"{column} DROP DEFAULT")
    if old.facts["not null"] != facts["not null"]:
        made.append(f"{column} {'SET' if facts['not null'] else 'DROP'} NOT NULL")
    return made


def _constraint(old: Object | None, new: Object) -> list[str]:
    facts = new.facts
    only_validated = old and old.rendered.removesuffix(" NOT VALID") == new.rendered
    if old and only_validated and {**old.facts, "valid": True} == facts:
        return [f"ALTER TABLE {facts['target']} VALIDATE CONSTRAINT {facts['constraint']}"]
    add = f"ADD CONSTRAINT {facts['constraint']} {new.rendered}"
    return [f"ALTER TABLE {facts['target']} DROP CONSTRAINT IF EXISTS {facts['constraint']}, {add}"]


def _index(_old: Object | None, new: Object) -> list[str]:
    if new.facts["of constraint"]:
        return []
    if not new.facts["valid"]:
        raise NotWritten(
            f"No revision can be written for the index {new.name}, whose build was interrupted.\n"
            f"Next: DROP INDEX {new.facts['target']}; or REINDEX INDEX CONCURRENTLY {new.facts['target']};"
        )
    return [f"DROP INDEX IF EXISTS {new.facts['target']}", new.rendered]


def _function(old: Object | None, new: Object) -> list[str]:
    if not new.rendered:
        raise NotWritten(
            f"No revision can be written for the aggregate {new.name}.\n"
            "Next: flask db revision, and write it by hand, or flask db drift --accept"
        )
    anew = old is not None and any(old.facts[name] != new.facts[name] for name in ("kind", "result"))
    return [*(_drop(old) if anew and old else []), new.rendered.rstrip()]


def _view_again(old: Object | None, new: Object) -> list[str]:
    options = f" WITH ({', '.join(new.facts['options'])})" if new.facts["options"] else ""
    body = f"{new.facts['target']}{options} AS\n{new.rendered.strip()}"
    if new.facts["kind"] == "m":
        return [f"DROP MATERIALIZED VIEW IF EXISTS {new.facts['target']}", f"CREATE MATERIALIZED VIEW {body}"]
    drop = [f"DROP VIEW IF EXISTS {new.facts['target']}"] if old else []
    return [*drop, f"CREATE OR REPLACE VIEW {body}"]


def _trigger(_old: Object | None, new: Object) -> list[str]:
    facts = new.facts
    states = {"D": "DISABLE TRIGGER", "A": "ENABLE ALWAYS TRIGGER", "R": "ENABLE REPLICA TRIGGER"}
    state = states.get(facts["enabled"])
    return [
        *_drop(new),
        new.rendered,
        *([f"ALTER TABLE {facts['target']} {state} {facts['trigger']}"] if state else []),
    ]


def _policy(_old: Object | None, new: Object) -> list[str]:
    facts = new.facts
    command = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}[facts["for"]]
    kind = "" if facts["permissive"] else " AS RESTRICTIVE"
    return [
        *_drop(new),
        f"CREATE POLICY {facts['policy']} ON {facts['target']}{kind} FOR {command} TO "
        f"{', '.join(facts['to'])} "
        f"{new.rendered}".rstrip(),
    ]


def _sequence(old: Object | None, new: Object) -> list[str]:
    facts = new.facts
    options = (
        f"AS {facts['type']} INCREMENT BY {facts['increment']} MINVALUE {facts['minimum']}"
        f" MAXVALUE {facts['maximum']} START WITH {facts['start']} CACHE {facts['cache']}"
        f"{' CYCLE' if facts['cycle'] else ' NO CYCLE'}"
    )
    verb = "ALTER SEQUENCE" if old else "CREATE SEQUENCE IF NOT EXISTS"
    return [f"{verb} {facts['target']} {options}"]


def _type(old: Object | None, new: Object) -> list[str]:
    labels = new.facts["labels"]
    if old is None or not labels or not set(old.facts["labels"] or []) <= set(labels):
        raise NotWritten(
            f"No revision can be written for the type {new.name}.\n"
            "Next: flask db revision, and write it by hand, or flask db drift --accept"
        )
    return [
        f"ALTER TYPE {new.facts['target']} ADD VALUE IF NOT EXISTS {_literal(each)}"
        + (f" AFTER {_literal(labels[place - 1])}" if place else "")
        for place, each in enumerate(labels)
        if each not in old.facts["labels"]
    ]


def _grant(new: Object, *, undo: bool = False) -> list[str]:
    facts = new.facts
    part = f" ({facts['part']})" if facts["part"] else ""
    to = "CURRENT_USER" if facts["to"] == "its owner" else facts["to"]
    made = []
    for option in (False, True):
        rights = [
            right.removesuffix(" with grant option") + part
            for right in facts["rights"]
            if right.endswith(" with grant option") == option
        ]
        if not rights:
            continue
        if facts["taken"] == undo:
            end = " WITH GRANT OPTION" if option else ""
            made.append(f"GRANT {', '.join(rights)} ON {facts['target']} TO {to}{end}")
        else:
            made.append(f"REVOKE {', '.join(rights)} ON {facts['target']} FROM {to}")
    return made


def _comment_on(new: Object, words: str) -> str:
    kind = {"table column": "COLUMN", "view column": "COLUMN"}.get(
        new.facts["type"], new.facts["type"].removeprefix("table ").upper()
    )
    return f"COMMENT ON {kind} {new.facts['identity']} IS {words}"


MAKERS: dict[str, Callable[[Object | None, Object], list[str]]] = {
    "schema": lambda _, new: [f"CREATE SCHEMA IF NOT EXISTS {new.name}"],
    "extension": lambda _, new: [f"CREATE EXTENSION IF NOT EXISTS {new.name}"],
    "type": _type,
    "sequence": _sequence,
    "table": _table,
    "column": _column,
    "function": _function,
    "constraint": _constraint,
    "index": _index,
    "view": _view_again,
    "statistics": lambda _, new: [*_drop(new), new.rendered],
    "trigger": _trigger,
    "rule": lambda _, new: [*_drop(new), new.rendered.rstrip("; ")],
    "policy": _policy,
    "comment": lambda _, new: [_comment_on(new, _literal(str(new.facts["says"])))],
    "grant": lambda old, new: [*(_grant(old, undo=True) if old else []), *_grant(new)],
}


def _routine(each: Object) -> str:
    return {"p": "PROCEDURE", "a": "AGGREGATE"}.get(str(each.facts["kind"]), "FUNCTION")


def _view(each: Object) -> str:
    return "MATERIALIZED VIEW" if each.facts["kind"] == "m" else "VIEW"


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
