"""The pages to set the second factor up, to log in with it, and to turn it off."""

from flask import flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.accounts.actions import is_own_password
from marketplace.accounts.models import User
from marketplace.devices.sessions import begin_session
from marketplace.second_factor import actions, blueprint, half, queries, rules
from marketplace.second_factor.actions import Answer
from marketplace.second_factor.drawing import qr_code
from marketplace.second_factor.forms import AppCodeForm, CodeForm, TurnOffForm
from marketplace.second_factor.models import SecondFactor
from marketplace.second_factor.sealing import unseal
from marketplace.throttling.actions import Throttled
from marketplace.urls import path_on_this_site

WRONG = "This code is wrong, too old, or was used already: enter the next one that your app shows."
WRONG_NOW = "This code is not right: enter the one that your app shows now"
TOO_MANY = "There were too many wrong codes: wait 15 minutes, then try again."
LOG_IN_AGAIN = "Please log in again: it took too long, or something about your account has changed."

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.get("/login/code")
@access.public
def ask_for_code() -> Page:
    return _login_page(CodeForm()) if half.find() else _log_in_again()


@blueprint.post("/login/code")
@access.public
def check_code() -> Page:
    found = half.find()
    if found is None:
        return _log_in_again()
    form = CodeForm()
    if not form.validate():
        return _login_page(form), 422
    match actions.try_code(found.member, rules.plain(form.code.data)):
        case Answer.WRONG:
            # Not a page with an error, which would undo the count.
            flash(WRONG, "error")
            return redirect(url_for("second_factor.ask_for_code"), 303)
        case Answer.TOO_MANY:
            half.end()
            flash(TOO_MANY, "error")
            return redirect(url_for("accounts.login", next=found.next), 303)
        case Answer.RECOVERED:
            flash("You used a recovery code. It will not work again.", "warning")
    begin_session(found.member, found.remember)
    return redirect(path_on_this_site(found.next) or url_for("pages.home"), 303)


@blueprint.get("/account/second-factor")
@access.signed_in
def show() -> str:
    return _page(TurnOffForm())


@blueprint.post("/account/second-factor/begin")
@access.confirmed
def begin() -> Response:
    actions.begin_setting_up(current_user.id)
    return redirect(url_for("second_factor.set_up"), 303)


@blueprint.get("/account/second-factor/set-up")
@access.confirmed
def set_up() -> Page:
    factor = queries.find_factor(current_user.id)
    if factor is None or factor.confirmed_at is not None:
        return redirect(url_for("second_factor.show"), 303)
    return _set_up_page(factor, AppCodeForm())


@blueprint.post("/account/second-factor/set-up")
@access.confirmed
def turn_on() -> Page:
    factor = queries.find_factor(current_user.id)
    if factor is None or factor.confirmed_at is not None:
        return redirect(url_for("second_factor.show"), 303)
    form = AppCodeForm()
    if not form.validate():
        return _set_up_page(factor, form, 422)
    codes = actions.turn_on(_myself(), rules.plain(form.code.data))
    if codes is None:
        form.code.errors.append(WRONG_NOW)
        return _set_up_page(factor, form, 422)
    return _codes_page(codes, "Your second factor is on")


@blueprint.post("/account/second-factor/recovery-codes")
@access.confirmed
def renew_recovery_codes() -> Page:
    if not queries.is_on(current_user.id):
        return redirect(url_for("second_factor.show"), 303)
    return _codes_page(actions.renew_recovery_codes(current_user.id), "Your new recovery codes")


@blueprint.post("/account/second-factor/off")
@access.signed_in
def turn_off() -> Page:
    if not queries.is_on(current_user.id):
        return redirect(url_for("second_factor.show"), 303)
    form = TurnOffForm()
    if not form.validate():
        return _page(form), 422
    try:
        is_own = is_own_password(_myself(), form.password.data)
    except Throttled as throttled:
        form.password.errors.append(throttled.sentence)
        return _page(form), 429, throttled.headers
    if not is_own:
        form.password.errors.append("This is not your password; check it and try again")
        return _page(form), 422
    match actions.try_code(_myself(), rules.plain(form.code.data)):
        case Answer.WRONG:
            flash(WRONG, "error")
        case Answer.TOO_MANY:
            flash(TOO_MANY, "error")
        case _:
            actions.turn_off(_myself())
            flash("Your second factor is off. You log in by your password alone.", "success")
    return redirect(url_for("second_factor.show"), 303)


def _myself() -> User:
    member: User = current_user._get_current_object()
    return member


def _log_in_again() -> Response:
    if current_user.is_authenticated:
        return redirect(url_for("pages.home"), 303)
    flash(LOG_IN_AGAIN, "message")
    return redirect(url_for("accounts.login"), 303)


def _login_page(form: CodeForm) -> str:
    return render_template("second_factor/login.html", form=form, error_list=form.error_list())


def _page(form: TurnOffForm) -> str:
    factor = queries.find_factor(current_user.id)
    is_on = factor is not None and factor.confirmed_at is not None
    return render_template(
        "second_factor/show.html",
        since=factor.confirmed_at if factor and is_on else None,
        codes_left=queries.count_recovery_codes(current_user.id) if is_on else 0,
        form=form,
        error_list=form.error_list(),
    )


def _set_up_page(factor: SecondFactor, form: AppCodeForm, status: int = 200) -> Page:
    secret = unseal(factor.sealed_secret)
    if secret is None:
        # SECRET_KEY was changed in between.
        return redirect(url_for("second_factor.show"), 303)
    drawing = qr_code(rules.address_for_apps(secret, current_user.username))
    return _unkept(
        render_template(
            "second_factor/set_up.html",
            drawing=drawing,
            secret=rules.in_groups(secret),
            form=form,
            error_list=form.error_list(),
        ),
        status,
    )


def _codes_page(codes: list[str], heading: str) -> Page:
    shown = [rules.in_groups(code) for code in codes]
    return _unkept(render_template("second_factor/codes.html", codes=shown, heading=heading), 200)


def _unkept(page: str, status: int) -> Response:
    """Answer with a page that has secrets in it: not even the browser is to keep it."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
