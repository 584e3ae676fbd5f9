"""Second factors for tests."""

from typing import Any

from marketplace.accounts.models import User
from marketplace.second_factor.models import RecoveryCode, SecondFactor
from marketplace.second_factor.rules import hash_of
from marketplace.second_factor.sealing import seal
from tests.factories.base import Factory

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RECOVERY_CODE = "ABCDEFGHIJKLMNOPQRSTUVWX"
LONG_AGO = "2026-01-01T00:00:00Z"


class SecondFactorFactory(Factory):
    """Makes second factors that are on, with `SECRET` in the app and `RECOVERY_CODE` on paper."""

    def second_factor(self, member: User, **values: Any) -> SecondFactor:
        """Save the second factor of `member`."""
        with self.app.app_context():
            sealed = seal(SECRET)
        defaults = {"member_id": member.id, "sealed_secret": sealed, "confirmed_at": LONG_AGO}
        factor: SecondFactor = self.saved(SecondFactor(**(defaults | values)))
        self.saved(RecoveryCode(member_id=member.id, code_hash=hash_of(RECOVERY_CODE)))
        return factor
