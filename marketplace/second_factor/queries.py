"""Reads of second factors."""

from sqlalchemy import func, select

from marketplace.extensions import db
from marketplace.own_data.parts import MEMBER_ID
from marketplace.second_factor.models import RecoveryCode, SecondFactor

# Neither the secret nor the codes: whoever got hold of the copy could log in with them.
OWN_FACTOR = select(SecondFactor.created_at, SecondFactor.confirmed_at).where(
    SecondFactor.member_id == MEMBER_ID
)


def find_factor(member_id: int) -> SecondFactor | None:
    """Return the member's second factor, also while it is being set up."""
    return db.session.scalar(select(SecondFactor).where(SecondFactor.member_id == member_id))


def is_on(member_id: int) -> bool:
    """Tell whether the member logs in with a code."""
    factor = find_factor(member_id)
    return factor is not None and factor.confirmed_at is not None


def count_recovery_codes(member_id: int) -> int:
    """Return how many recovery codes the member has left."""
    unused = select(func.count()).where(RecoveryCode.member_id == member_id, RecoveryCode.used_at.is_(None))
    return db.session.execute(unused).scalar_one()
