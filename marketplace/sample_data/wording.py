"""Writes one listing: picks things, and words them. In: a topic and chance. Out: texts, types and values."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from marketplace.sample_data.vocabulary import Condition, ForeignThing, Phrases, Thing, Topic

T = TypeVar("T")
Chance = Callable[[], float]

FOREIGN_SHARE = 0.06
NO_VALUE_SHARE = 0.15
FIRST_DETAIL_SHARE = 0.5
OFFER_COUNTS = (1, 1, 1, 1, 1, 1, 2, 2, 3, 4)
WANT_COUNTS = (0, 0, 1, 1, 1, 1, 2, 2, 3, 4)
MATCHING_SHARE = 0.95
# What a description says, in order; each plan comes out at one to four sentences.
PLANS = tuple(
    tuple(plan.split())
    for plan in (
        "note",
        "note condition",
        "note reason",
        "note pickup",
        "condition age",
        "condition reason",
        "condition pickup",
        "note condition reason",
        "note age pickup",
        "note detail pickup",
        "condition age reason",
        "age detail reason",
        "condition reason pickup",
        "note condition pickup",
        "note condition reason pickup",
        "note age reason pickup",
        "note condition age pickup",
        "detail condition age reason",
        "condition detail reason pickup",
        "detail pickup",
    )
)

# Names that keep their capital inside a title.
PROPER = (
    "Swiss",
    "Christmas",
    "Victorian",
    "Brontë",
    "French",
    "Bluetooth",
    "Wi-Fi",
    "Dutch",
    "Pilates",
    "Venetian",
    "Santa",
    "T-shirt",
)


class WrittenItem(NamedTuple):
    kind: str
    name: str
    description: str
    exchange_type: str
    duration_days: int | None
    value: int | None
    condition: str | None = None


class WrittenListing(NamedTuple):
    title: str
    description: str
    items: list[WrittenItem]


def pick(chance: Chance, table: Sequence[T]) -> T:
    return table[int(chance() * len(table))]


def write_listing(chance: Chance, topic: Topic, phrases: Phrases) -> WrittenListing:
    """One listing of this topic; now and then wholly in another language, where the topic has one."""
    lent = chance() < topic.lend_share
    if topic.foreign and chance() < FOREIGN_SHARE:
        return _foreign_listing(chance, pick(chance, topic.foreign), topic, lent)
    things = _different(chance, topic.things, pick(chance, OFFER_COUNTS))
    names = [pick(chance, thing.names) for thing in things]
    condition = pick(chance, topic.profile.conditions)
    items = [_offer(chance, things[0], names[0], "", topic, lent)]
    for thing, name in zip(things[1:], names[1:], strict=True):
        items.append(_offer(chance, thing, name, _further_note(chance, topic, thing), topic, lent))
    wants = _wants(chance, topic, phrases, things, lent)
    lent_first = items[0].exchange_type == "temporary"
    title = _title(chance, names, condition, lent_first, wants)
    # What the title says already is not said again, nor is what the description says.
    shown = None if title.endswith(condition.label) else condition
    description = _description(chance, topic, phrases, things[0], shown, lent_first)
    detail = pick(chance, topic.details)
    if chance() < FIRST_DETAIL_SHARE and detail not in description:
        items[0] = items[0]._replace(description=detail)
    items[0] = items[0]._replace(condition=condition.code)
    return WrittenListing(title, description, items + wants)


def _different(chance: Chance, things: Sequence[Thing], count: int) -> list[Thing]:
    """So many different things; neighbours from a random start, which costs less than a sample."""
    first = int(chance() * len(things))
    if count == 1:
        return [things[first]]
    step = 1 + int(chance() * 3)
    count = min(count, len(things) // 3)
    return [things[(first + number * step) % len(things)] for number in range(max(1, count))]


def _offer(chance: Chance, thing: Thing, name: str, note: str, topic: Topic, lent: bool) -> WrittenItem:
    days = pick(chance, topic.days) if lent and chance() < MATCHING_SHARE else None
    return WrittenItem("offer", name, note, "temporary" if days else "permanent", days, _value(chance, thing))


def _value(chance: Chance, thing: Thing) -> int | None:
    if not thing.values or chance() < NO_VALUE_SHARE:
        return None
    return pick(chance, thing.values)


def _further_note(chance: Chance, topic: Topic, thing: Thing) -> str:
    draw = chance()
    if draw < 0.5:
        return pick(chance, thing.notes)
    return pick(chance, topic.profile.conditions).sentence if draw < 0.8 else ""


def _wants(
    chance: Chance, topic: Topic, phrases: Phrases, offered: list[Thing], lent: bool
) -> list[WrittenItem]:
    wants: list[WrittenItem] = []
    names: set[str] = set()
    for _ in range(pick(chance, WANT_COUNTS)):
        thing = pick(chance, topic.sought if chance() < 0.65 else topic.wishes)
        name = pick(chance, thing.names)
        if name in names or thing in offered:
            continue
        names.add(name)
        borrowed = chance() < (0.8 if lent and thing.values else 0.05)
        exchange_type = "temporary" if borrowed else "permanent"
        note = pick(chance, phrases.wants[exchange_type]) if chance() < 0.3 else ""
        days = pick(chance, topic.days) if borrowed else None
        wants.append(WrittenItem("want", name, note, exchange_type, days, _value(chance, thing)))
    return wants


def _title(
    chance: Chance, names: list[str], condition: Condition, lent: bool, wants: list[WrittenItem]
) -> str:
    first = names[0]
    draw = chance()
    if len(names) > 1 and draw < 0.7:
        second = _mid_sentence(names[1])
        if len(names) == 2:
            return first + " and " + second if "," not in first else first + "; also " + second
        return (
            first + "; also " + second + " and more"
            if len(first) + len(second) < 100
            else first + " and more"
        )
    if lent and draw < 0.75:
        return first + " to borrow" if draw < 0.1 and "," not in first else first
    if draw < 0.3:
        return first + ", " + condition.label
    if wants and draw < 0.36 and len(first) + len(wants[0].name) < 90:
        return first + ", looking for: " + _mid_sentence(wants[0].name)
    return first


def _mid_sentence(name: str) -> str:
    """The name as it reads inside a title."""
    return name if name[1:2].isupper() or name.startswith(PROPER) else name[0].lower() + name[1:]


def _description(
    chance: Chance, topic: Topic, phrases: Phrases, thing: Thing, condition: Condition | None, lent: bool
) -> str:
    profile = topic.profile
    sentences: list[str] = []
    for part in pick(chance, PLANS):
        if part == "note":
            sentences.append(pick(chance, thing.notes))
        elif part == "condition":
            if condition:
                sentences.append(condition.sentence)
        elif part == "age":
            sentences.append(pick(chance, profile.ages))
        elif part == "detail":
            sentences.append(pick(chance, topic.details))
        elif part == "reason":
            sentences.append(pick(chance, profile.lending if lent else profile.reasons))
        else:
            sentences.append(pick(chance, phrases.pickups))
    return " ".join(sentences)


def _foreign_listing(chance: Chance, foreign: ForeignThing, topic: Topic, lent: bool) -> WrittenListing:
    """Swapped for good only where the reason says so: one who lends leaves the reason out."""
    thing = foreign.thing
    parts = [pick(chance, thing.notes), pick(chance, foreign.conditions)]
    items = [_offer(chance, thing, thing.names[0], "", topic, lent)]
    if items[0].exchange_type == "permanent":
        parts.append(pick(chance, foreign.reasons))
    parts.append(pick(chance, foreign.pickups))
    other = pick(chance, foreign.wanted)
    if other is not thing:
        days = pick(chance, topic.days) if lent else None
        value = _value(chance, other)
        items.append(
            WrittenItem("want", other.names[0], "", "temporary" if days else "permanent", days, value)
        )
    return WrittenListing(thing.names[0], " ".join(parts), items)
