"""The limits, and the words for how long to wait."""

from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Whoever waits for a lock or has a clock that was set right may be so far off.
SLACK = MINUTE


@dataclass(frozen=True)
class Limit:
    """So many attempts are `free`; after the last of them one must wait.

    The first wait is `first` seconds, each further one twice as long, up to `longest`. All of it, a wait
    included, is forgotten `within` seconds after the first attempt.
    """

    purpose: str
    free: int
    within: int
    first: int
    longest: int

    def waits(self) -> list[int]:
        """Return the seconds to wait after the last free attempt, after the one that follows, and so on."""
        waits = [self.first]
        while waits[-1] < self.longest:
            waits.append(min(2 * waits[-1], self.longest))
        return waits

    def wait_after(self, attempts: int) -> int | None:
        """Return the seconds to wait after so many attempts; None while they are free."""
        waits = self.waits()
        return waits[min(attempts - self.free, len(waits) - 1)] if attempts >= self.free else None


# A name may be tried more often than by one visitor alone: nobody can keep its owner out from one address.
LOG_IN_FROM_ADDRESS = Limit("log in from an address", 30, HOUR, MINUTE, 15 * MINUTE)
LOG_IN_AS_FROM_ADDRESS = Limit("log in by a name from an address", 5, DAY, 1, 15 * MINUTE)
LOG_IN_AS = Limit("log in by a name", 100, DAY, 1, 15 * MINUTE)
# A browser that has logged in as the member before has attempts of its own, whatever others try.
LOG_IN_AGAIN = Limit("log in from a known browser", 5, DAY, 1, 15 * MINUTE)
# So many within a day, and the member is told; once a day.
WORTH_A_LETTER = 10
LETTER_OF_LOG_INS = Limit("tell a member of attempts", 1, DAY, DAY, DAY)
# For whoever has found a browser in which a member is signed in.
PRESENT_PASSWORD = Limit("give the present password", 5, DAY, 1, 15 * MINUTE)
RESET_FROM_ADDRESS = Limit("reset a password from an address", 20, HOUR, MINUTE, HOUR)
# Nobody's mailbox is filled by those who know its address.
RESET_OF = Limit("reset a password by an e-mail address", 5, DAY, 15 * MINUTE, 6 * HOUR)
LETTERS_ASKED_FOR = Limit("ask for a letter with a link", 5, DAY, 5 * MINUTE, 6 * HOUR)
REGISTER = Limit("register from an address", 20, HOUR, MINUTE, HOUR)
# For whoever is not signed in, whose drafts are kept for nobody.
KEEP_FOR_LATER = Limit("keep a draft for later from an address", 20, HOUR, MINUTE, HOUR)
PROPOSE = Limit("propose a swap", 60, HOUR, MINUTE, HOUR)
MESSAGE = Limit("write messages", 120, HOUR, MINUTE, HOUR)
PUBLISH = Limit("publish", 60, HOUR, MINUTE, HOUR)
UPLOAD = Limit("upload pictures", 400, HOUR, MINUTE, HOUR)
OWN_DATA = Limit("download own data", 10, HOUR, MINUTE, HOUR)
# Pages that are kept already do not count.
SEARCH = Limit("search from an address", 120, MINUTE, 5, MINUTE)


def in_words(seconds: int) -> str:
    """Return when `seconds` are over, as people say it: "in 5 minutes"."""
    sizes = [(1, "second"), (MINUTE, "minute"), (HOUR, "hour")]
    size, unit = next((each for each in sizes if seconds <= 90 * each[0]), sizes[-1])
    number = max(1, -(-seconds // size))
    return f"in {number} {unit}{'' if number == 1 else 's'}"
