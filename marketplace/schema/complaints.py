"""What the doctor says: each complaint, and from when on something is one."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """From when on something is a complaint.

    How long a session may wait for a lock, be idle in a transaction, or see rows that were deleted since;
    how old the oldest transaction's number may be; how much a replication slot may hold back; which share
    of the disk has to be free; how long something may lie in the attic.
    """

    blocked: timedelta = timedelta(seconds=5)
    idle: timedelta = timedelta(minutes=5)
    snapshot: timedelta = timedelta(hours=1)
    transactions: int = 1_000_000_000
    retained_bytes: int = 1_000_000_000
    free_share: float = 0.05
    attic: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong: its kind, what it is, where, why it matters, and the commands that mend it."""

    kind: str
    what: str
    where: str
    why: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Diagnosis:
    """All complaints, the gravest kinds first, and what could not be looked at."""

    database: str
    complaints: tuple[Complaint, ...]
    unknown: tuple[str, ...] = ()
