"""What members can choose not to be written about. Each feature registers its own topics.

All other letters are about the safety of an account, or answer what somebody just did, and always come.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from flask import Flask, current_app

Parts = Callable[[int], Collection[str]]


@dataclass(frozen=True)
class Topic:
    """Something that letters are about: `title` is how pages call it.

    A letter about several topics in one has `parts`, which names those of a member: whoever wants no more
    of these letters wants none about any of them.
    """

    name: str
    title: str
    parts: Parts | None = None

    def names_for(self, member_id: int) -> Collection[str]:
        """Return the names of the topics that letters of this one are about."""
        return {self.name} if self.parts is None else self.parts(member_id)


def register(app: Flask, name: str, title: str, parts: Parts | None = None) -> None:
    """Let members choose whether they want letters of this name."""
    app.extensions.setdefault("letter_topics", {})[name] = Topic(name, title, parts)


def find_topic(name: str | None) -> Topic | None:
    """Return the topic; None for letters that always come."""
    topics: dict[str, Topic] = current_app.extensions.get("letter_topics", {})
    return topics.get(name) if name is not None else None


def single_topics() -> list[Topic]:
    """Return the topics that are chosen one by one, in the order in which they were registered."""
    topics: dict[str, Topic] = current_app.extensions.get("letter_topics", {})
    return [topic for topic in topics.values() if topic.parts is None]
