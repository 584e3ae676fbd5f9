"""Devices for tests."""

from typing import Any

from marketplace.accounts.models import User
from marketplace.devices.models import Device
from marketplace.devices.rules import hash_of, new_secret
from tests.factories.base import Factory


class DeviceFactory(Factory):
    """Makes devices on which a member is signed in, with secrets that nobody knows unless told."""

    def device(self, member: User, **values: Any) -> Device:
        """Save a device of `member`."""
        defaults = {
            "member_id": member.id,
            "session_epoch": member.session_epoch,
            "secret_hash": hash_of(new_secret()),
            "browser": "Firefox on Linux",
        }
        device: Device = self.saved(Device(**(defaults | values)))
        return device
