"""From a seed to rows: pure and streaming. The same arguments give the same rows; memory stays constant."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random

from marketplace.sample_data.drawings import SIZE, Drawing, drawings_for
from marketplace.sample_data.particulars import area_of, lifetime_of
from marketplace.sample_data.people import Calendar, founders, member, member_counts, owner_number
from marketplace.sample_data.rows import Batch, Category, FirstIds, Item, Listing, Member, Picture
from marketplace.sample_data.vocabulary import Topic, Vocabulary
from marketplace.sample_data.wording import Chance, pick, write_listing

BATCH_SIZE = 20_000
ARCHIVED_SHARE = 0.03
EDITED_SHARE = 0.15
# How many pictures sixteen offers have.
PICTURE_COUNTS = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
# Neighbours multiplied by it lie far apart.
MIXER = 2_654_435_761
# People put a listing where it belongs; only a few leave it in a category that has narrower ones.
INNER_WEIGHT = 0.5


def generate(
    listing_count: int,
    *,
    seed: int,
    categories: Sequence[Category],
    today: date,
    vocabulary: Vocabulary,
    first_ids: FirstIds = FirstIds(),  # noqa: B008 - immutable
    batch_size: int = BATCH_SIZE,
) -> Iterator[Batch]:
    """Yield batches in order of time and id: the founding members, then listings with whoever joins for them.

    `today` is the current day in UTC: nothing is dated on it or later. `categories` must not be empty.
    """
    chance = Random(seed).random  # noqa: S311 - not a secret
    calendar = Calendar(today)
    shelf = _shelf(categories, vocabulary, seed)
    member_count, founder_count = member_counts(listing_count)

    early = founders(first_ids.member, founder_count, calendar)
    while members := list(islice(early, batch_size)):
        yield Batch(members, [], [])

    joined = founder_count
    item_id = first_ids.item
    for start in range(0, listing_count, batch_size):
        batch = Batch([], [], [])
        for number in range(start, min(start + batch_size, listing_count)):
            created = calendar.moment((number + chance()) / listing_count)
            if joined < founder_count + (member_count - founder_count) * (number + 1) // listing_count:
                batch.members.append(_newcomer(chance, first_ids.member + joined, created))
                owner = joined
                joined += 1
            else:
                owner = owner_number(chance(), joined)
            category_id, topics, drawings = pick(chance, shelf)
            written = write_listing(chance, pick(chance, topics), vocabulary.phrases)
            status, updated = _later_life(chance, created, calendar.end)
            listing_id = first_ids.listing + number
            owner_id = first_ids.member + owner
            status, lifetime_days, expires_at = lifetime_of(listing_id, created, calendar.end, status)
            batch.listings.append(
                Listing(
                    listing_id,
                    owner_id,
                    category_id,
                    written.title,
                    written.description,
                    status,
                    area_of(owner_id),
                    lifetime_days,
                    expires_at,
                    created,
                    updated,
                )
            )
            for item in written.items:
                batch.items.append(Item(item_id, listing_id, owner_id, *item, created, updated))
                if item.kind == "offer":
                    number = item_id - first_ids.item + seed
                    batch.pictures.extend(_pictures(batch.items[-1], drawings, number))
                item_id += 1
        yield batch


def _shelf(
    categories: Sequence[Category], vocabulary: Vocabulary, seed: int
) -> list[tuple[int, tuple[Topic, ...], list[Drawing]]]:
    """A table to pick from, in which a category appears as often as its weight says."""
    shelf = []
    for category in categories:
        topics = vocabulary.topics_for(category.path)
        weight = max(topic.weight for topic in topics) * (1 if category.is_leaf else INNER_WEIGHT / 10)
        drawings = drawings_for(category.path, seed)
        shelf += [(category.id, topics, drawings)] * max(1, round(weight))
    return shelf


def _pictures(item: Item, drawings: Sequence[Drawing], number: int) -> Iterator[Picture]:
    """The item's pictures, by its number alone: more draws of chance would change all the other rows."""
    mixed = number * MIXER % 2**32
    first, count = mixed >> 16, PICTURE_COUNTS[mixed >> 12 & 15]
    for position in range(1, min(count, len(drawings)) + 1):
        drawing = drawings[(first + position) % len(drawings)]
        yield Picture(drawing.key, item.owner_id, item.id, position, drawing.alt, *SIZE, item.created_at)


def _newcomer(chance: Chance, member_id: int, first_listing: datetime) -> Member:
    """Joins up to two days before the first listing, and at least half an hour."""
    return member(member_id, first_listing - timedelta(minutes=30 + int(chance() * 2_850)))


def _later_life(chance: Chance, created: datetime, end: datetime) -> tuple[str, datetime]:
    """Status and time of the last change: most listings are never touched again."""
    draw = chance()
    if draw >= ARCHIVED_SHARE + EDITED_SHARE:
        return "active", created
    updated = created + timedelta(seconds=int((end - created).total_seconds() * chance() ** 2))
    return ("archived" if draw < ARCHIVED_SHARE else "active"), updated
