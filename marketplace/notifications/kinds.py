"""The kinds of notifications. Each feature registers its own, with what members read about it."""

from dataclasses import dataclass

from flask import Flask, current_app

from marketplace.mail import topics
from marketplace.notifications.models import KIND_LENGTH
from marketplace.notifications.rules import AT_ONCE

WHO = "{who}"


@dataclass(frozen=True)
class Kind:
    """A kind of thing that happens.

    `title` names it where members choose: “Somebody proposes a swap”. `sentence` says it, with the names of
    values in braces, and `{who}` for the member who did it: “{who} proposes a swap for {item}.” It leads to
    `endpoint`, whose `arguments` are values, too, and there to `anchor`. `letters` is how letters about it
    come until the member chooses.
    """

    name: str
    title: str
    sentence: str
    endpoint: str
    arguments: tuple[str, ...] = ()
    anchor: str | None = None
    letters: str = AT_ONCE


# A row may be of a kind that a newer release of the site knows, or an older one did.
UNKNOWN = Kind("unknown", "Something else", "There is something new for you.", "notifications.show")


def register(app: Flask, kind: Kind) -> None:
    """Let members be told of things of this kind, and choose how."""
    assert len(kind.name) <= KIND_LENGTH, kind.name
    topics.register(app, kind.name, kind.title)
    app.extensions.setdefault("notification_kinds", {})[kind.name] = kind


def all_kinds() -> dict[str, Kind]:
    """Return the kinds by name, in the order in which they were registered."""
    kinds: dict[str, Kind] = current_app.extensions.get("notification_kinds", {})
    return kinds


def find_kind(name: str) -> Kind:
    """Return the kind, or one that stands for those that are not known."""
    return all_kinds().get(name, UNKNOWN)
