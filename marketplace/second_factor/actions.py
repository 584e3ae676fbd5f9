"""Writes to second factors."""

import time
from enum import Enum
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.mail.actions import write_letter
from marketplace.second_factor import queries, rules
from marketplace.second_factor.models import RecoveryCode, SecondFactor
from marketplace.second_factor.sealing import seal, unseal


class Answer(Enum):
    """What became of a code."""

    RIGHT = "right"
    RECOVERED = "a recovery code that was right"
    WRONG = "wrong"
    TOO_MANY = "too many were wrong"


def begin_setting_up(member_id: int) -> None:
    """Give the member a new secret, unless a second factor is on."""
    sealed = seal(rules.new_secret())
    statement = insert(SecondFactor).values(member_id=member_id, sealed_secret=sealed)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["member_id"],
            set_={"sealed_secret": sealed, "created_at": func.now()},
            where=SecondFactor.confirmed_at.is_(None),
        )
    )


def turn_on(member: User, code: str) -> list[str] | None:
    """Turn the second factor that is being set up on, if an app's code is right; return recovery codes."""
    factor = _locked(member.id)
    if factor is None or factor.confirmed_at is not None or not _is_right_now(factor, code):
        return None
    factor.confirmed_at = func.now()
    _tell(member, "second_factor_on")
    return renew_recovery_codes(member.id)


def turn_off(member: User) -> bool:
    """Forget the member's second factor and its recovery codes, and tell whether it was on."""
    gone = (
        delete(SecondFactor).where(SecondFactor.member_id == member.id).returning(SecondFactor.confirmed_at)
    )
    was_on = db.session.execute(gone).scalar_one_or_none() is not None
    if was_on:
        _tell(member, "second_factor_off")
    return was_on


def renew_recovery_codes(member_id: int) -> list[str]:
    """Replace the member's recovery codes, and return the new ones; nothing else knows them."""
    db.session.flush()
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member_id))
    codes = rules.new_recovery_codes()
    db.session.execute(
        insert(RecoveryCode),
        [{"member_id": member_id, "code_hash": rules.hash_of(code)} for code in codes],
    )
    return codes


def try_code(member: User, code: str) -> Answer:
    """Take a plain code of the member's app, or a recovery code; each holds once, and wrong ones are counted.

    The answer must be committed, whatever it is.
    """
    # Locked, so that of two at once only one can be right.
    factor = _locked(member.id)
    if factor is None or factor.confirmed_at is None:
        return Answer.WRONG
    now = db.session.execute(select(func.now())).scalar_one()
    if now - factor.wrong_since >= rules.WRONG_WITHIN:
        factor.wrong_codes, factor.wrong_since = 0, now
    if factor.wrong_codes >= rules.WRONG_MAXIMUM:
        return Answer.TOO_MANY
    if rules.is_recovery_code(code) and _use_recovery_code(member.id, code):
        _tell(member, "recovery_code_used", left=queries.count_recovery_codes(member.id))
        return Answer.RECOVERED
    if _is_right_now(factor, code):
        return Answer.RIGHT
    if factor.wrong_codes == 0:
        factor.wrong_since = now
    factor.wrong_codes += 1
    db.session.flush()
    return Answer.WRONG if factor.wrong_codes < rules.WRONG_MAXIMUM else Answer.TOO_MANY


def _tell(member: User, letter: str, **values: Any) -> None:
    """Write the member a letter about the account's safety."""
    if member.is_verified:
        write_letter(letter, member.email, member.id, username=member.username, **values)


def _locked(member_id: int) -> SecondFactor | None:
    return db.session.scalar(
        select(SecondFactor).where(SecondFactor.member_id == member_id).with_for_update(),
        execution_options={"populate_existing": True},
    )


def _is_right_now(factor: SecondFactor, code: str) -> bool:
    """Tell whether a code of the app is right, and note that it was used."""
    secret = unseal(factor.sealed_secret)
    step = rules.step_of(secret, code, time.time(), factor.last_step) if secret else None
    if step is None:
        return False
    factor.last_step = step
    db.session.flush()
    return True


def _use_recovery_code(member_id: int, code: str) -> bool:
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.member_id == member_id,
            RecoveryCode.code_hash == rules.hash_of(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=func.now())
        .returning(RecoveryCode.id)
    )
    return db.session.execute(used).scalar_one_or_none() is not None
