"""What each feature has of a member, and what is to be done besides when a member is deleted."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import BigInteger, Select, bindparam

# Whose part it is, in the statements of parts.
MEMBER_ID = bindparam("member_id", type_=BigInteger)

Forget = Callable[[int], None]


@dataclass(frozen=True)
class Part:
    """A file of the copy: its name without ending, what is in it as a sentence, and what selects its rows.

    The statement has MEMBER_ID in it and returns nothing of other members. Its columns name the fields.
    """

    name: str
    what: str
    statement: Select[*tuple[object, ...]]


def register(app: Flask, name: str, what: str, statement: Select[*tuple[object, ...]]) -> None:
    """Put what `statement` selects into each member's copy, as `<name>.json`."""
    app.extensions.setdefault("own_data_parts", []).append(Part(name, what, statement))


def forget_by(app: Flask, act: Forget) -> None:
    """Call `act` with the id of a member who is about to be deleted, for what the schema does not do itself.

    It is for rows that stay because others need them: it takes out what the member wrote.
    """
    app.extensions.setdefault("own_data_forgetting", []).append(act)


def leave_by(app: Flask, act: Forget) -> None:
    """Call `act` with the id of a member who asks to leave, for what others should not wait for any more."""
    app.extensions.setdefault("own_data_leaving", []).append(act)


def leave(member_id: int) -> None:
    """End what others would wait for."""
    acts: list[Forget] = current_app.extensions.get("own_data_leaving", [])
    for act in acts:
        act(member_id)


def all_parts() -> list[Part]:
    """Return the parts, in order of their names."""
    found: list[Part] = current_app.extensions.get("own_data_parts", [])
    return sorted(found, key=lambda part: part.name)


def forget(member_id: int) -> None:
    """Take out what the member wrote wherever it would stay."""
    acts: list[Forget] = current_app.extensions.get("own_data_forgetting", [])
    for act in acts:
        act(member_id)
