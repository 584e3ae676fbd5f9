"""Writes to devices."""

from sqlalchemy import delete, func, or_, select, update

from marketplace.accounts.models import User
from marketplace.devices.models import Device
from marketplace.devices.rules import KEPT_MAXIMUM, REMEMBERED, hash_of, new_secret
from marketplace.extensions import db
from marketplace.mail.actions import write_letter


def add_device(member: User, browser: str, remembered: bool) -> tuple[int, str]:
    """Sign the member in on another device, and return its id and the secret that its cookie carries.

    The member is told of it by a letter when none of the devices before was called so. What is too old to be
    of use goes.
    """
    of_member = Device.member_id == member.id
    known = db.session.scalars(select(Device.browser).where(of_member).order_by(Device.id)).all()
    if known and browser not in known and member.is_verified:
        write_letter("new_device", member.email, member.id, username=member.username, browser=browser)
    latest = select(Device.id).where(of_member).order_by(Device.seen_at.desc(), Device.id.desc())
    db.session.execute(
        delete(Device).where(
            of_member,
            or_(
                Device.created_at < func.now() - REMEMBERED.absolute,
                Device.id.not_in(latest.limit(KEPT_MAXIMUM - 1)),
            ),
        )
    )
    secret = new_secret()
    device = Device(
        member_id=member.id,
        secret_hash=hash_of(secret),
        session_epoch=member.session_epoch,
        browser=browser,
        remembered=remembered,
    )
    db.session.add(device)
    db.session.flush()
    return device.id, secret


def end_device(device_id: int) -> None:
    """Sign the device out; it stays so when it was already."""
    db.session.execute(
        update(Device).where(Device.id == device_id, Device.ended_at.is_(None)).values(ended_at=func.now())
    )


def end_other_devices(member_id: int, kept_id: int) -> None:
    """Sign the member out everywhere but on one device."""
    db.session.execute(
        update(Device)
        .where(Device.member_id == member_id, Device.id != kept_id, Device.ended_at.is_(None))
        .values(ended_at=func.now())
    )


def note_use(device_id: int) -> None:
    """Note that the device is used now."""
    db.session.execute(update(Device).where(Device.id == device_id).values(seen_at=func.now()))


def confirm_device(device_id: int) -> None:
    """Note that the member gave the password on the device now."""
    db.session.execute(update(Device).where(Device.id == device_id).values(confirmed_at=func.now()))
