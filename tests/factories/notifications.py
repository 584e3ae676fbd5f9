"""Notifications for tests."""

from datetime import UTC, datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.notifications.models import Notification, NotificationChoice
from tests.factories.base import Factory


class NotificationFactory(Factory):
    """Tells members of things, and lets them choose how."""

    def notification(self, member: User, **values: Any) -> Notification:
        """Tell `member` of something that no feature knows of, unless told otherwise."""
        defaults = {
            "member_id": member.id,
            "kind": "told",
            "once": f"thing {self.number()}",
            "details": {},
            "created_at": datetime.now(UTC),
        }
        notification: Notification = self.saved(Notification(**(defaults | values)))
        return notification

    def letters_chosen(self, member: User, kind: str = "told", letters: str = "daily") -> NotificationChoice:
        """Let `member` want letters about things of a kind, once a day unless told otherwise."""
        choice: NotificationChoice = self.saved(
            NotificationChoice(member_id=member.id, kind=kind, letters=letters)
        )
        return choice
