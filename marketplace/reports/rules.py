"""What can be wrong with something, and what became of a report, in words."""

from datetime import datetime

# As members choose them; the site's own reason is none of theirs.
REASON_WORDS = {
    "spam": "Spam, or posted again and again",
    "forbidden": "Something that may not be offered here",
    "wrong_category": "In the wrong category",
    "fraud": "Fraud, or not what it seems",
    "insulting": "Insulting or hurtful",
    "other": "Something else",
}
SITE_REASON = "The site asks for a look"


def reason_in_words(reason: str) -> str:
    """Say what is wrong, as pages show it."""
    return REASON_WORDS.get(reason, SITE_REASON)


def outcome(decision: str | None, decided_at: datetime | None) -> str:
    """Say to the one who reported what became of it. What was done to a member is that member's alone."""
    if decision is None or decided_at is None:
        return "A moderator has yet to look at it."
    if decision == "dismiss":
        return "A moderator looked at it, and found that it may stay."
    if decision == "hide":
        return "A moderator took the listing off the site. Thank you."
    if decision == "remove_picture":
        return "A moderator removed the picture. Thank you."
    return "A moderator looked at it, and did something about it. Thank you."
