"""Who lists what, and when: usernames, join dates and a calendar that grows busier."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import sqrt

from marketplace.sample_data.rows import Member

LISTINGS_PER_MEMBER = 8
DAYS = 730
FOUNDING_DAYS = 14
# Rounding must not carry the last listing into the day after the calendar's end.
NEARLY_ALL = 1 - 1e-9
# Nobody can sign in as a sample member: no password has this hash.
UNUSABLE_HASH = "!"

ADJECTIVES = """
    amber bold brave bright brisk calm cheery clever copper coral cosy crisp curious dapper eager early
    fair fleet gentle glad golden green happy hardy honest humble jolly keen kind lively loyal lucky
    mellow merry mild mossy neat nimble olive patient plain plucky proud quick quiet rapid rosy rustic
    sandy shy silver sleepy smooth snug sunny swift tidy velvet violet warm wild windy wise witty
""".split()  # noqa: SIM905 - 139 quoted words would be harder to read
NOUNS = """
    acorn alder badger beech birch bittern brook cedar clover comet cricket curlew dipper dunlin elder
    elm falcon fern finch gannet garnet godwit hazel heron hornet ibis island juniper kestrel lantern
    lapwing larch lark linnet magpie maple marten meadow merlin nettle newt otter owl pebble petrel pine
    plover poplar puffin quartz rabbit raven river robin rook rowan sable siskin sorrel sparrow spruce
    starling stork swallow swan teal tern thistle thrush tulip vole walnut willow wren yarrow
""".split()  # noqa: SIM905 - 139 quoted words would be harder to read
PAIRS = len(ADJECTIVES) * len(NOUNS)
# A prime that shares no factor with PAIRS visits every pair once before any repeats.
STRIDE = 2671


def username(member_id: int) -> str:
    """A name such as quiet-heron-214, different for every id: ids with the same pair differ in the number."""
    rounds, place = divmod(member_id, PAIRS)
    pair = place * STRIDE % PAIRS
    number = rounds * 97 + pair * 31 % 97 + 2
    return f"{ADJECTIVES[pair % len(ADJECTIVES)]}-{NOUNS[pair // len(ADJECTIVES)]}-{number}"


def member(member_id: int, joined: datetime) -> Member:
    name = username(member_id)
    return Member(
        id=member_id,
        username=name,
        email=f"{name}@example.org",
        password_hash=UNUSABLE_HASH,
        email_verified_at=joined + timedelta(minutes=1 + member_id % 9),
        created_at=joined,
        updated_at=joined,
    )


class Calendar:
    """Two years that end with yesterday; listings start once the founding members have joined."""

    def __init__(self, today: date) -> None:
        self.end = datetime(today.year, today.month, today.day, tzinfo=UTC)
        self.founded = self.end - timedelta(days=DAYS)
        self.opened = self.founded + timedelta(days=FOUNDING_DAYS)
        self._open_days = DAYS - FOUNDING_DAYS

    def moment(self, share: float) -> datetime:
        """When `share` (0 to 1) of all listings exist: twice as many a day at the end as at the start."""
        days = self._open_days * (sqrt(1 + 3 * min(share, NEARLY_ALL)) - 1)
        day = int(days)
        return self.opened + timedelta(days=day, seconds=int(_waking_second(days - day)))

    def founding(self, number: int, founders: int) -> datetime:
        """When founding member `number` joins."""
        return self.founded + (self.opened - self.founded - timedelta(hours=1)) * (number / founders)


def _waking_second(share: float) -> float:
    """Spread a day over its seconds: a tenth until six in the morning, a fifth after eight at night."""
    if share < 0.1:
        return share * 10 * 21_600
    if share < 0.8:
        return 21_600 + (share - 0.1) / 0.7 * 50_400
    return 72_000 + (share - 0.8) / 0.2 * 14_399


def member_counts(listing_count: int) -> tuple[int, int]:
    """How many members in all, and how many of them are founders who join before the first listing."""
    members = max(1, listing_count // LISTINGS_PER_MEMBER)
    return members, max(1, members // 4)


def founders(first_id: int, count: int, calendar: Calendar) -> Iterator[Member]:
    return (member(first_id + number, calendar.founding(number, count)) for number in range(count))


def owner_number(draw: float, members: int) -> int:
    """Which member lists next, for a draw from 0 to 1: the earliest list fifty times the average."""
    head = 0.01
    return int(members * ((head + (1 - head) * draw) ** 2 - head * head) / (1 - head * head))
