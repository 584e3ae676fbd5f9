"""Members for tests."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from marketplace.accounts.models import User
from marketplace.accounts.rules import hash_password
from tests.factories.base import Factory

PASSWORD = "correct horse battery"


@cache
def password_hash() -> str:
    """The hash of `PASSWORD`, worked out once: it takes long on purpose."""
    return hash_password(PASSWORD)


class MemberFactory(Factory):
    """Makes members whose password is `PASSWORD`, and who have proved to own their address."""

    def member(self, **values: Any) -> User:
        """Save a member."""
        number = self.number()
        defaults = {
            "username": f"member-{number}",
            "email": f"member-{number}@example.org",
            "password_hash": password_hash(),
            "email_verified_at": datetime(2026, 1, 1, tzinfo=UTC),
        }
        member: User = self.saved(User(**(defaults | values)))
        return member
