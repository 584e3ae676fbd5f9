"""The pages to get a copy of one's data, to leave, and to come back."""

from datetime import UTC, datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.accounts.actions import is_own_password
from marketplace.accounts.models import User
from marketplace.devices.sessions import end_session
from marketplace.own_data import actions, blueprint
from marketplace.own_data.archive import make_copy
from marketplace.own_data.forms import OwnDataForm
from marketplace.own_data.rules import way_back_until
from marketplace.pictures.storage import StorageError
from marketplace.security_headers import FILE_HEADERS
from marketplace.throttling.actions import Throttled, count_attempt
from marketplace.throttling.rules import OWN_DATA

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

NOT_YOURS = "This is not your password; check it and try again"
NOT_NOW = "Your pictures cannot be read just now: try again in a few minutes"


@blueprint.get("/account/data")
@access.signed_in
def copy() -> Page:
    return _page("own_data/copy.html", OwnDataForm())


@blueprint.post("/account/data")
@access.signed_in
def download() -> Page:
    form = OwnDataForm()
    if not form.validate():
        return _page("own_data/copy.html", form), 422
    try:
        if not is_own_password(_myself(), form.password.data):
            return _refused("own_data/copy.html", form, NOT_YOURS), 422
        count_attempt(OWN_DATA, current_user.id)
    except Throttled as throttled:
        return _refused("own_data/copy.html", form, throttled.sentence), 429, throttled.headers
    try:
        file = make_copy(current_user.id)
    except StorageError as error:
        current_app.logger.error("A picture cannot be read: %s", error)
        return _refused("own_data/copy.html", form, NOT_NOW), 503
    return _as_download(file, f"kula-{datetime.now(UTC):%Y-%m-%d}.zip")


@blueprint.get("/account/delete")
@access.signed_in
def delete() -> Page:
    return _page("own_data/delete.html", OwnDataForm())


@blueprint.post("/account/delete")
@access.signed_in
def leave() -> Page:
    form = OwnDataForm()
    if not form.validate():
        return _page("own_data/delete.html", form), 422
    try:
        until = actions.leave(_myself(), form.password.data)
    except Throttled as throttled:
        return _refused("own_data/delete.html", form, throttled.sentence), 429, throttled.headers
    if until is None:
        return _refused("own_data/delete.html", form, NOT_YOURS), 422
    end_session()
    flash(
        f"You are logged out, and your account is deleted on {until:%-d %B %Y}."
        " If you change your mind, log in before then.",
        "success",
    )
    return redirect(url_for("pages.home"), 303)


@blueprint.get("/account/leaving")
@access.signed_in
def way_back() -> Page:
    if not current_user.is_leaving:
        return redirect(url_for("accounts.show"), 303)
    return render_template("own_data/way_back.html", until=way_back_until(current_user.leaving_at))


@blueprint.post("/account/leaving")
@access.signed_in
def stay() -> Page:
    if current_user.is_leaving:
        if not actions.stay(_myself()):
            end_session()
            flash("The week is over, and your account has just been deleted.", "error")
            return redirect(url_for("pages.home"), 303)
        flash("Good that you stay: everything is as before.", "success")
    return redirect(url_for("accounts.show"), 303)


def _page(template: str, form: OwnDataForm) -> str:
    return render_template(template, form=form, error_list=form.error_list())


def _refused(template: str, form: OwnDataForm, sentence: str) -> str:
    form.password.errors = [sentence]
    return _page(template, form)


def _as_download(file: Any, name: str) -> Response:
    size = file.seek(0, 2)
    file.seek(0)
    response = send_file(
        file,
        mimetype="application/zip",
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )
    response.content_length = size
    response.headers.update(FILE_HEADERS)
    response.headers["Cache-Control"] = "no-store"
    return response


def _myself() -> User:
    member: User = current_user._get_current_object()
    return member
