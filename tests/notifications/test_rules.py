"""When a morning is, and how numbers are written."""

from datetime import UTC, datetime

import pytest

from marketplace.members.time_zones import known_time_zones
from marketplace.notifications.rules import count_in_words, next_morning


def utc(*numbers):
    return datetime(*numbers, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "time_zone", "morning"),
    [
        (utc(2027, 3, 1, 7, 59), "UTC", utc(2027, 3, 1, 8)),
        (utc(2027, 3, 1, 8), "UTC", utc(2027, 3, 2, 8)),
        (utc(2027, 12, 31, 9), "UTC", utc(2028, 1, 1, 8)),
        (utc(2027, 3, 1, 12), "Asia/Tokyo", utc(2027, 3, 1, 23)),
        (utc(2027, 3, 1, 12), "Pacific/Kiritimati", utc(2027, 3, 1, 18)),
        (utc(2027, 3, 1, 12), "America/Los_Angeles", utc(2027, 3, 1, 16)),
        # The night in which the clocks are set forward, and the one in which they are set back.
        (utc(2027, 3, 27, 20), "Europe/Berlin", utc(2027, 3, 28, 6)),
        (utc(2027, 10, 30, 20), "Europe/Berlin", utc(2027, 10, 31, 7)),
        (utc(2027, 3, 1, 12), "Atlantis/Capital", utc(2027, 3, 2, 8)),
        (utc(2027, 3, 1, 12), "../etc/passwd", utc(2027, 3, 2, 8)),
    ],
)
def test_the_next_morning_is_eight_where_the_member_lives(moment, time_zone, morning):
    assert next_morning(moment, time_zone) == morning


def test_every_zone_that_can_be_chosen_has_a_morning():
    assert len(known_time_zones()) > 300
    noon = utc(2027, 3, 1, 12)
    assert {0} == {next_morning(noon, zone).second for zone in known_time_zones()}
    assert {True} == {
        0 < (next_morning(noon, zone) - noon).total_seconds() <= 86_400 for zone in known_time_zones()
    }


def test_a_large_number_is_not_counted_out():
    assert [count_in_words(number) for number in (0, 99, 100)] == ["0", "99", "99+"]
