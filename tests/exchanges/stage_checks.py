"""What has to be true of all swaps whatever was done, told from the rows alone (see stage.py).

`check` looks at the rows before and after one step; a false one is an AssertionError.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

from marketplace.exchanges.rules import TRANSITIONS
from tests.exchanges.stage import Row, Rows

OTHER = {"proposer": "receiver", "receiver": "proposer"}
REMINDERS = {"confirm", "confirm_back", "due_soon", "due_today", "overdue"}
# By default these are told in the letter of the day.
DAILY = {"swap_withdraw", "swap_lapse", "swap_lend", "swap_hold"}
ENDS = {"declined", "withdrawn", "lapsed", "cancelled", "closed", "completed"}
ANSWERS = {"reply", "offer", "accept", "change", "decline", "withdraw"}

# A promise: the exchange, the thing, who gives it, from when until when.
Promise = tuple[int, int, str, datetime, datetime | None]


def check(before: Rows, after: Rows) -> None:
    """Assert what holds at any time, and that the step told whom it had to."""
    for exchange in after["exchanges"]:
        check_history(exchange, after)
    check_nothing_is_rewritten(before, after)
    check_promises(after)
    check_told(before, after)
    check_messages_told(after)
    check_letters(after)


def of(exchange: Row, rows: Rows, table: str) -> list[Row]:
    """The rows of the table that are about the exchange."""
    return [row for row in rows[table] if row["exchange_id"] == exchange["id"]]


def things_of(exchange: Row, rows: Rows) -> list[Row]:
    """What the latest proposal is about."""
    return [row for row in of(exchange, rows, "exchange_items") if row["version"] == exchange["version"] != 0]


def member(exchange: Row, side: str) -> int:
    """Who is on that side."""
    return int(exchange[f"{side}_id"])


def check_history(exchange: Row, rows: Rows) -> None:
    """Play the events again by the state machine: they lead to the row, each by who may and in time."""
    state, awaits, accepter, accepted_at, open_until = "beginning", None, None, None, None
    handed, version, last = {}, 0, None
    offers = {row["number"]: row for row in of(exchange, rows, "exchange_versions")}
    said = [row["created_at"] for row in of(exchange, rows, "exchange_messages")]
    is_loan = any(thing["lent_from"] for thing in things_of(exchange, rows))
    for event in of(exchange, rows, "exchange_events"):
        name, actor, at = event["event"], event["actor"], event["at"]
        transition = TRANSITIONS[name]
        assert state in transition.sources, (state, event)
        allowed = {
            "awaited": {awaits},
            "other": {OTHER.get(awaits or "")},
            "accepter": {accepter},
            "either": set(OTHER),
        }
        assert actor in allowed.get(transition.who, {transition.who}), event
        if name in ANSWERS:
            assert at < open_until, event
        elif name == "lapse":
            assert at >= open_until, event
        elif name == "undo":
            assert last["event"] == "accept", event
            assert at < accepted_at + timedelta(minutes=10), event
        elif name in ("arrange", "hand", "cancel"):
            assert not handed, event
        elif name in ("lend", "complete"):
            assert handed.keys() == {OTHER[actor]}, event
            assert (name == "lend") == is_loan, event
        elif name == "close" and handed:
            assert at >= min(handed.values()) + timedelta(days=7), event
        elif name == "close_loan":
            answers = [returns_of(loan) for loan in of(exchange, rows, "exchange_loans")]
            assert all(answers), event
            assert at >= max(said[0] for said in answers if len(said) == 1) + timedelta(days=7), event
        elif name == "close":
            heard = [last["at"], *(each for each in said if each < at)]
            quiet_since = last["at"] if max(heard) < last["at"] + timedelta(minutes=10) else max(heard)
            assert at >= quiet_since + timedelta(days=30), event
        state = transition.target
        if name in ("propose", "offer", "change"):
            version += 1
            open_until = offers[version]["open_until"]
            assert offers[version]["author"] == actor
        elif name == "ask":
            # Until there is a proposal the row alone says so.
            open_until = second(at) + timedelta(days=14)
        elif name == "accept":
            accepter, accepted_at = actor, at
        elif name == "undo":
            accepter = accepted_at = None
        elif name in ("hand", "lend", "complete"):
            handed[actor] = at
        assert event["version"] == version
        waiting = state in ("question", "proposed")
        awaits = (actor if name == "undo" else OTHER[actor]) if waiting else None
        last = event
    ended = state in ENDS
    expected = {
        "state": state,
        "version": version,
        "awaits": awaits,
        "open_until": open_until if version else exchange["open_until"],
        "accepted_by": accepter,
        "accepted_at": accepted_at,
        "proposer_handed_at": handed.get("proposer"),
        "receiver_handed_at": handed.get("receiver"),
        "closed_at": last["at"] if ended else None,
        "closed_by": last["actor"] if ended else None,
        "completed_at": last["at"] if state == "completed" else None,
        "item_ids": sorted(thing["item_id"] for thing in things_of(exchange, rows))
        if version
        else exchange["item_ids"],
    }
    assert second(exchange["open_until"]) == second(open_until)
    assert {column: exchange[column] for column in expected} == expected
    assert offers.keys() == set(range(1, version + 1))


def check_nothing_is_rewritten(before: Rows, after: Rows) -> None:
    """The history and what was proposed only grow."""
    for table in ("exchange_events", "exchange_items", "exchange_messages"):
        assert after[table][: len(before[table])] == before[table]
    assert all(row in after["exchange_versions"] for row in before["exchange_versions"])


def second(moment: datetime) -> datetime:
    """The second in which something is done: what one request writes has one."""
    return moment.replace(microsecond=0)


def promises_of(exchange: Row, rows: Rows) -> Iterator[Promise]:
    """What the exchange promises, as its state says."""
    loans = {row["exchange_item_id"]: row for row in of(exchange, rows, "exchange_loans")}
    things = things_of(exchange, rows) if exchange["accepted_at"] else []
    assert loans.keys() == {thing["id"] for thing in things if thing["lent_from"]}
    for thing in things if exchange["state"] != "cancelled" else []:
        giver, loan = thing["giver"], loans.get(thing["id"])
        if loan and (is_over(exchange, rows) or len(returns_of(loan)) == 2):
            continue
        if exchange["state"] == "closed" and exchange[f"{giver}_handed_at"] is None:
            continue
        begins = second(thing["lent_from"] or exchange["accepted_at"])
        yield exchange["id"], thing["item_id"], giver, begins, loan["due_at"] if loan else None


def returns_of(loan: Row) -> list[datetime]:
    """When somebody has said that it is back."""
    return [each for each in (loan["lender_returned_at"], loan["borrower_returned_at"]) if each]


def is_over(exchange: Row, rows: Rows) -> bool:
    """Whether all that was lent counts as back."""
    events = of(exchange, rows, "exchange_events")
    return exchange["state"] == "completed" or events[-1]["event"] == "close_loan"


def overlap(one: tuple, other: tuple) -> bool:
    """Whether two promises, or what is asked for, are about the same thing at the same time."""
    (*_, item, _, begins, ends), (*_, other_item, _, other_begins, other_ends) = one, other
    before_end = ends is None or other_begins < ends
    return bool(item == other_item and before_end and (other_ends is None or begins < other_ends))


def check_promises(rows: Rows) -> None:
    """Each promise is held, nothing else is, and no two are about the same thing at the same time."""
    promised = [each for exchange in rows["exchanges"] for each in promises_of(exchange, rows)]
    assert Counter(promised) == Counter(held(row) for row in rows["exchange_holds"] if not row["released_at"])
    for one, other in combinations(promised, 2):
        assert not overlap(one, other), (one, other)


def held(row: Row) -> Promise:
    """A hold as a promise."""
    return row["exchange_id"], row["item_id"], row["giver"], second(row["begins"]), row["ends"]


def wanted(exchange: Row, rows: Rows, now: datetime) -> list[Promise]:
    """What a proposal would hold if it were accepted now."""
    return [
        (exchange["id"], thing["item_id"], thing["giver"], thing["lent_from"] or now, thing["lent_until"])
        for thing in things_of(exchange, rows)
    ]


def check_told(before: Rows, after: Rows) -> None:
    """Each new event is told once to whom it concerns, and nothing else is but reminders."""
    expected: Counter = Counter()
    exchanges = {row["id"]: row for row in after["exchanges"]}
    for event in after["exchange_events"][len(before["exchange_events"]) :]:
        exchange, actor = exchanges[event["exchange_id"]], event["actor"]
        by = member(exchange, actor) if actor in OTHER else None
        for side in (OTHER[actor],) if actor in OTHER else OTHER:
            expected[member(exchange, side), event["event"], exchange["id"], by] += 1
        for kind, other in concerned(exchange, event, after):
            for side in OTHER:
                expected[member(other, side), kind, other["id"], None] += 1
    told: Counter = Counter()
    for row in after["notifications"][len(before["notifications"]) :]:
        kind, exchange = row["kind"].removeprefix("swap_"), exchanges[row["details"]["exchange_id"]]
        if kind in REMINDERS:
            check_reminder(row, kind, exchange, after)
        elif kind != "message":
            told[row["member_id"], kind, exchange["id"], row["by_id"]] += 1
    assert told == expected


def concerned(exchange: Row, event: Row, rows: Rows) -> Iterator[tuple[str, Row]]:
    """Other open proposals that this puts on hold or frees, each with what it is told."""
    at, holds = event["at"], [row for row in rows["exchange_holds"] if not row["released_at"]]
    own = [row for row in of(exchange, rows, "exchange_holds") if row["released_at"] in (None, at)]
    taken = [held(row) for row in own if event["event"] == "accept" and not row["released_at"]]
    freed = [held(row) for row in own if event["event"] != "accept" and row["released_at"]]
    for other in rows["exchanges"]:
        if other["id"] == exchange["id"] or other["state"] != "proposed" or other["open_until"] <= at:
            continue
        things = wanted(other, rows, at)
        if any(overlap(one, each) for one in things for each in taken):
            yield "hold", other
        still = [held(row) for row in holds if row["exchange_id"] != other["id"]]
        if any(overlap(one, each) for one in things for each in freed) and not any(
            overlap(one, each) for one in things for each in still
        ):
            yield "free", other


def check_reminder(row: Row, kind: str, exchange: Row, rows: Rows) -> None:
    """Who is reminded has something to do, and it is time for it."""
    at = row["created_at"]
    side = "proposer" if member(exchange, "proposer") == row["member_id"] else "receiver"
    givers = {thing["id"]: thing["giver"] for thing in things_of(exchange, rows)}
    # Of each loan: what it is, whether this side borrows, and what each of the two said of its return.
    loans = []
    for loan in of(exchange, rows, "exchange_loans"):
        said = (loan["lender_returned_at"], loan["borrower_returned_at"])
        borrows = givers[loan["exchange_item_id"]] != side
        loans.append((loan["due_at"], borrows, *(said[::-1] if borrows else said)))
    if kind == "confirm":
        assert exchange["state"] == "accepted"
        assert exchange[f"{side}_handed_at"] is None
        assert at >= exchange[f"{OTHER[side]}_handed_at"] + timedelta(days=2)
        return
    assert exchange["state"] == "lent"
    if kind == "confirm_back":
        assert any(not mine and theirs and at >= theirs + timedelta(days=2) for _, _, mine, theirs in loans)
        return
    since = {"due_soon": timedelta(days=-2), "due_today": timedelta(days=-1), "overdue": timedelta(days=1)}
    assert any(
        (borrows or kind == "overdue") and not mine and not theirs and at >= due + since[kind]
        for due, borrows, mine, theirs in loans
    )


def check_messages_told(rows: Rows) -> None:
    """Of what a member has not read in an exchange there is one notification a day, not read either."""
    for exchange in rows["exchanges"]:
        reads = {row["side"]: row["message_id"] for row in of(exchange, rows, "exchange_reads")}
        # The question and the answers to it are told as such.
        answers = {
            second(row["at"])
            for row in of(exchange, rows, "exchange_events")
            if row["event"] in ("ask", "reply")
        }
        for side in OTHER:
            unread = [
                row["created_at"]
                for row in of(exchange, rows, "exchange_messages")
                if row["author"] != side and row["id"] > reads.get(side, 0)
            ]
            told = [
                row["created_at"].date()
                for row in rows["notifications"]
                if row["kind"] == "message"
                and row["details"]["exchange_id"] == exchange["id"]
                and row["member_id"] == member(exchange, side)
                and row["read_at"] is None
            ]
            assert len(told) == len(set(told)), (exchange["id"], side)
            assert unread or not told, (exchange["id"], side)
            assert {each.date() for each in unread if second(each) not in answers} <= set(told), (
                exchange["id"],
                side,
            )


def check_letters(rows: Rows) -> None:
    """There is a letter for each notification that is worth one at once, and no other."""
    letters = Counter((row["member_id"], row["name"]) for row in rows["outbox"])
    told = Counter((row["member_id"], row["kind"]) for row in rows["notifications"])
    assert letters == Counter({key: number for key, number in told.items() if key[1] not in DAILY})
