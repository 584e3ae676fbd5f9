"""Says commands in the spelling that the operator uses: `flask db …`, or plain `alembic …`."""

import re

# Only these exist in both spellings; `flask db repair` and its like have no other.
SHARED = "branches|check|current|downgrade|heads|history|merge|revision|show|stamp|upgrade"
COMMAND = re.compile(
    rf"flask db (?P<rest>(?:{SHARED})\b[^\n]*?)(?P<yes> --yes)?(?=$|[\n,;)]|   )", re.MULTILINE
)


def in_plain_alembic(message: str) -> str:
    """Return `message` with the commands that plain Alembic has spelled its way."""
    return COMMAND.sub(lambda match: f"alembic {'-x yes ' if match['yes'] else ''}{match['rest']}", message)
