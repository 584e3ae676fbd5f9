"""Keyset cursors."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.listings.paging import Cursor

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        MOMENT + timedelta(microseconds=1),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("listing_id", [1, 2**63 - 1])
def test_a_cursor_reads_what_it_wrote(moment, listing_id):
    cursor = Cursor(moment, listing_id)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1",
        "1-",
        "-1",
        "1-1-1",
        "a-1",
        "1-٣",
        " 1-1",
        "1-1\n",
        f"1-{2**63}",
        f"{10**18 - 1}-1",
    ],
)
def test_anything_else_is_no_cursor(text):
    assert Cursor.parse(text) is None
