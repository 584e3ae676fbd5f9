"""The page of the devices on which a member is signed in, and the one that asks for the password again."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.accounts.actions import is_own_password
from marketplace.devices import actions, blueprint, queries, sessions
from marketplace.devices.forms import ConfirmForm
from marketplace.devices.models import Device
from marketplace.throttling.actions import Throttled
from marketplace.urls import path_on_this_site

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.get("/account/devices")
@access.signed_in
def show() -> str:
    return render_template(
        "devices/show.html", devices=queries.devices_of(current_user.id), this_id=_this_device_id()
    )


@blueprint.post("/account/devices/<id:device_id>/end")
@access.owner_of(queries.get_device, refusal=404)
def end(device: Device) -> Response:
    if device.id == _this_device_id():
        sessions.end_session()
        flash("You are logged out.", "success")
        return redirect(url_for("pages.home"), 303)
    actions.end_device(device.id)
    flash(f"{device.browser} is signed out.", "success")
    return redirect(url_for("devices.show"), 303)


@blueprint.post("/account/devices/end-others")
@access.signed_in
def end_others() -> Response:
    actions.end_other_devices(current_user.id, _this_device_id())
    flash("All other devices are signed out.", "success")
    return redirect(url_for("devices.show"), 303)


@blueprint.get("/account/confirm")
@access.signed_in
def confirm() -> str:
    return _confirm_page(ConfirmForm(next=request.args.get("next")))


@blueprint.post("/account/confirm")
@access.signed_in
def check_password() -> Page:
    form = ConfirmForm()
    if not form.validate():
        return _confirm_page(form), 422
    try:
        is_own = is_own_password(current_user, form.password.data)
    except Throttled as throttled:
        form.password.errors.append(throttled.sentence)
        return _confirm_page(form), 429, throttled.headers
    if not is_own:
        form.password.errors.append("This is not your password; check it and try again")
        return _confirm_page(form), 422
    actions.confirm_device(_this_device_id())
    return redirect(path_on_this_site(form.next.data) or url_for("devices.show"), 303)


def _this_device_id() -> int:
    behind = sessions.current()
    # Views ask for this behind a rule that lets nobody in who is not signed in.
    assert behind is not None
    return behind.device_id


def _confirm_page(form: ConfirmForm) -> str:
    return render_template("devices/confirm.html", form=form, error_list=form.error_list())
