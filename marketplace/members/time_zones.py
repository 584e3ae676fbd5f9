"""The time zones that members choose from: those of places, by their names in the tz database."""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from wtforms.fields.choices import SelectChoice

UTC = "UTC"
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def known_time_zones() -> frozenset[str]:
    """Return the names of all time zones that can be chosen."""
    return frozenset({UTC} | {name for name in available_timezones() if name.split("/")[0] in REGIONS})


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone; UTC for a name that is none any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(UTC)


@cache
def by_region() -> list[SelectChoice]:
    """Return the choices of a select field, those of a region together."""
    places = sorted(known_time_zones() - {UTC})
    return [SelectChoice(UTC, "UTC")] + [
        SelectChoice(name, place.replace("_", " "), optgroup=region)
        for name in places
        for region, _, place in [name.partition("/")]
    ]
