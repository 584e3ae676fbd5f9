"""Where a member's things are, and for how long listings are shown.

By number alone: more draws of chance would change all the other rows.
"""

from datetime import datetime, timedelta

# Neighbours multiplied by it lie far apart.
MIXER = 2_654_435_761
AREAS = (
    "Old town",
    "Harbour side",
    "Station quarter",
    "Riverbank",
    "Castle hill",
    "Mill end",
    "North gate",
    "Lakeside",
    "Orchard park",
    "Canal bridge",
    "University quarter",
    "Market square",
    "Green valley",
    "Windmill hill",
    "Garden suburb",
    "South side",
    "Weavers' row",
    "Beech wood",
    "Ferry landing",
    "Upper village",
)
# Of sixteen listings, so many have each lifetime in days; the others have no end.
LIFETIMES = (None, None, None, None, None, None, None, 30, 30, 30, 60, 60, 60, 60, 90, 90)
# Of sixteen listings whose time has passed, so many were not renewed.
NOT_RENEWED = 2


def area_of(owner_id: int) -> str | None:
    """Where this member's things are: in one of the larger areas rather than a smaller one, if it is said."""
    mixed = owner_id * MIXER % 2**32
    if mixed >> 28 == 0:
        return None
    share = (mixed >> 8 & 0xFFFF) / 0x10000
    return AREAS[int(share * share * len(AREAS))]


def lifetime_of(
    listing_id: int, created: datetime, end: datetime, status: str
) -> tuple[str, int | None, datetime | None]:
    """Return the listing's status, its lifetime in days, and when it ends; at `end` as it would be then."""
    mixed = listing_id * MIXER % 2**32
    days = LIFETIMES[mixed >> 28]
    if days is None:
        return status, None, None
    ends = created + timedelta(days=days)
    if ends > end or status == "archived":
        return status, days, ends
    if (mixed >> 24 & 15) < NOT_RENEWED:
        return "expired", days, ends
    # It was renewed at some time within its last lifetime.
    return status, days, end + timedelta(days=days) * (((mixed >> 8 & 0xFFFF) + 1) / 0x10001)
