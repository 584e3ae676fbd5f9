"""What notifications say, as text and as HTML, and where they lead."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from marketplace.mail.addresses import link_to
from marketplace.mail.rules import one_line
from marketplace.notifications.kinds import UNKNOWN, WHO, Kind

NOBODY = "a former member"


def sentence_of(kind: Kind, details: Mapping[str, Any], who: str | None) -> str:
    """Return the sentence as plain text on one line.

    `who` is the name of the member who did it, if there is one.
    """
    return one_line(_known(kind, details).sentence.format_map(_values(kind, details, who)))


def sentence_as_html(kind: Kind, details: Mapping[str, Any], who: str | None) -> Markup:
    """Return the same as HTML, with what members wrote kept apart from the words around it."""
    values = {
        name: Markup("<bdi>{}</bdi>").format(value) for name, value in _values(kind, details, who).items()
    }
    return escape(_known(kind, details).sentence).format_map(values)


def path_of(kind: Kind, details: Mapping[str, Any]) -> str:
    """Return the path of the page that it leads to."""
    kind = _known(kind, details)
    return url_for(kind.endpoint, _anchor=kind.anchor, **_arguments(kind, details))


def address_of(kind: Kind, details: Mapping[str, Any]) -> str:
    """Return the whole address of that page, for letters."""
    kind = _known(kind, details)
    anchor = f"#{kind.anchor}" if kind.anchor else ""
    return link_to(kind.endpoint, **_arguments(kind, details)) + anchor


def _known(kind: Kind, details: Mapping[str, Any]) -> Kind:
    """Return the kind, or the one for unknown things when another release wrote other details."""
    named = {name for _, name, _, _ in Formatter().parse(kind.sentence) if name} - {WHO.strip("{}")}
    return kind if named.union(kind.arguments) <= details.keys() else UNKNOWN


def _values(kind: Kind, details: Mapping[str, Any], who: str | None) -> dict[str, Any]:
    nobody = NOBODY.capitalize() if kind.sentence.startswith(WHO) else NOBODY
    return {**details, WHO.strip("{}"): who or nobody}


def _arguments(kind: Kind, details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: details[name] for name in kind.arguments}
