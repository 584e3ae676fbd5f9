"""Blocks and profiles for tests."""

from typing import Any

from marketplace.accounts.models import User
from marketplace.blocks.models import Block
from marketplace.members.models import Profile
from tests.factories.base import Factory


class BlockFactory(Factory):
    """Lets members block each other, and say something about themselves."""

    def block(self, member: User, blocked: User) -> Block:
        """Let `member` block the other one."""
        block: Block = self.saved(Block(member_id=member.id, blocked_id=blocked.id))
        return block

    def profile(self, member: User, **values: Any) -> Profile:
        """Let `member` say something."""
        defaults = {"member_id": member.id, "about": "I mend bicycles."}
        profile: Profile = self.saved(Profile(**(defaults | values)))
        return profile
