"""Letters for tests."""

from datetime import UTC, datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.mail.models import Letter, UnsubscribedTopic
from tests.factories.base import Factory


class LetterFactory(Factory):
    """Makes letters that are due and go to nobody's member, unless told otherwise."""

    def letter(self, **values: Any) -> Letter:
        """Save a letter."""
        defaults = {
            "name": "listing_ends",
            "address": f"reader-{self.number()}@example.org",
            "subject": "A letter",
            "text": "Words",
            "html": "<p>Words</p>",
            "useless_at": datetime(2200, 1, 1, tzinfo=UTC),
        }
        letter: Letter = self.saved(Letter(**(defaults | values)))
        return letter

    def unsubscribed(self, member: User, topic: str = "listing_ends") -> UnsubscribedTopic:
        """Let `member` want no letters about `topic`."""
        unwanted: UnsubscribedTopic = self.saved(UnsubscribedTopic(member_id=member.id, topic=topic))
        return unwanted
