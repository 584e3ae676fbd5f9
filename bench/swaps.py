"""Choosing, proposing, accepting, and the pages of a member with ten thousand swaps: how long each takes."""

import tempfile
from collections.abc import Callable
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.addresses import Visit, member_visits
from bench.database import SECRET, connected, environment
from bench.servers import Server, gunicorn
from bench.writing import Cost, Sender, cost

MEMBERS = 20
SWAPS = 10_000

# Of each member things that can be swapped for good, the newest first.
THINGS = """
SELECT owner.id, array(
    SELECT item.id FROM listing_items AS item JOIN listings AS listing ON listing.id = item.listing_id
    WHERE item.owner_id = owner.id AND item.kind = 'offer' AND item.exchange_type = 'permanent'
    AND listing.status = 'active' AND listing.hidden_at IS NULL
    AND (listing.expires_at IS NULL OR listing.expires_at > now() + interval '1 day')
    ORDER BY item.id DESC LIMIT 60
) FROM users AS owner WHERE owner.id = ANY (%s) ORDER BY owner.id
"""
# A quarter each: waiting for the member, waiting for the others, declined, and completed.
MANY_SWAPS = """
WITH made AS (
    INSERT INTO exchanges (proposer_id, receiver_id, state, version, item_ids, awaits, open_until,
                           accepted_at, accepted_by, completed_at, closed_at, closed_by,
                           created_at, updated_at)
    SELECT CASE WHEN n %% 2 = 0 THEN %(member)s ELSE other.id END,
           CASE WHEN n %% 2 = 0 THEN other.id ELSE %(member)s END,
           state, 1, ARRAY[-n], awaits, now() + interval '7 days',
           done, CASE WHEN done IS NOT NULL THEN answered_by END, done, ended, answered_by,
           now() - n * interval '1 minute', now() - n * interval '1 minute'
    FROM generate_series(1, %(swaps)s) AS n
    JOIN (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM users
        WHERE id <> %(member)s ORDER BY id LIMIT 50
    ) AS other ON other.place = n %% 50
    JOIN (VALUES
        (0, 'proposed', 'receiver', NULL::timestamptz, NULL::timestamptz, NULL),
        (1, 'proposed', 'receiver', NULL, NULL, NULL),
        (2, 'declined', NULL, NULL, now(), 'receiver'),
        (3, 'completed', NULL, now(), now(), 'receiver')
    ) AS stage (quarter, state, awaits, done, ended, answered_by) ON quarter = n %% 4
    RETURNING id, version, open_until
), written AS (
    INSERT INTO exchange_versions (exchange_id, number, author, open_until)
    SELECT id, version, 'proposer', open_until FROM made RETURNING exchange_id
)
INSERT INTO exchange_items (exchange_id, version, giver, name, exchange_type, value)
SELECT exchange_id, 1, side, 'A thing of old', 'permanent', 20
FROM written CROSS JOIN (VALUES ('proposer'), ('receiver')) AS sides (side)
"""
LAST_IDS = (
    "SELECT coalesce(max(id), 0) FROM exchanges UNION ALL SELECT coalesce(max(id), 0) FROM notifications"
)


class Swapper:
    """Two members' browsers: what one proposes, the other accepts."""

    def __init__(self, port: int, visits: list[Visit], things: dict[int, list[int]]) -> None:
        self.connections = {
            visit.member_id: Sender(port, visit) for visit in visits if things[visit.member_id]
        }
        self._things = things
        self._couples = cycle(
            (one, other) for one in self.connections for other in self.connections if one != other
        )
        self._proposed: list[tuple[int, str]] = []

    def choose(self) -> None:
        """Look at the page on which a proposal is made."""
        one, other = self._couple()
        self.connections[one].look(f"/items/{self._things[other][-1]}/swap")

    def propose(self) -> None:
        """Propose a thing of one's own for one of another member's."""
        one, other = self._couple()
        give, get = self._things[one].pop(), self._things[other].pop()
        form = {"give": str(give), "get": str(get), "open_days": "7", "note": "Shall we?", "go": "send"}
        self._proposed.append((other, self.connections[one].submit(f"/items/{get}/swap", form)))

    def accept(self) -> None:
        """Accept the oldest proposal that nobody has answered."""
        member_id, swap = self._proposed.pop(0)
        self.connections[member_id].submit(f"{swap}/accept", {"version": "1"})

    def _couple(self) -> tuple[int, int]:
        return next(couple for couple in self._couples if all(self._things[member] for member in couple))

    def close(self) -> None:
        for each in self.connections.values():
            each.connection.close()


def costs(url: str) -> dict[str, Cost]:
    """Propose and accept one swap after the other, and look through many; what was made is deleted."""
    with tempfile.TemporaryDirectory() as folder, connected(url) as cursor:
        clocks = Path(folder, "times")
        env = environment(url, APP_ENV="production", BENCH_TIMES=str(clocks))
        # The oldest members: those have the more things, the larger the site is.
        visits = member_visits(url, SECRET, MEMBERS)
        cursor.execute(THINGS, [[visit.member_id for visit in visits]])
        things = dict(cursor.fetchall())
        cursor.execute(LAST_IDS)
        last = [row[0] for row in cursor.fetchall()]
        try:
            with Server(gunicorn("bench.served:app"), env) as server:
                swapped = _costs_of_swapping(server, url, clocks, visits, things)
                return swapped | _costs_of_looking(cursor, server, url, clocks, visits[0])
        finally:
            _delete_after(cursor, *last)


def _costs_of_swapping(
    server: Server, url: str, clocks: Path, visits: list[Visit], things: dict[int, list[int]]
) -> dict[str, Cost]:
    with closing(Swapper(server.port, visits, things)) as swapper:
        for _ in range(5):
            swapper.propose()
            swapper.accept()
        chosen = cost(url, server, clocks, swapper.choose, requests=1)
        proposed = cost(url, server, clocks, swapper.propose, requests=1)
        accepted = cost(url, server, clocks, swapper.accept, requests=1)
    return {"Choose": chosen, "Propose": proposed, "Accept": accepted}


def _costs_of_looking(cursor: Any, server: Server, url: str, clocks: Path, visit: Visit) -> dict[str, Cost]:
    cursor.execute(MANY_SWAPS, {"member": visit.member_id, "swaps": SWAPS})
    cursor.execute("ANALYZE exchanges, exchange_versions, exchange_items")
    sender = Sender(server.port, visit)

    def looking(address: str) -> Callable[[], None]:
        return lambda: sender.look(address)

    with closing(sender.connection):
        return {
            f"Swaps, {tab.replace('_', ' ')}": cost(
                url, server, clocks, looking(f"/swaps?tab={tab}"), requests=1
            )
            for tab in ("for_you", "for_other", "ended")
        }


def _delete_after(cursor: Any, exchange_id: int, notification_id: int) -> None:
    cursor.execute("DELETE FROM notifications WHERE id > %s", [notification_id])
    cursor.execute("DELETE FROM exchanges WHERE id > %s", [exchange_id])
