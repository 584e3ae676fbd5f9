"""A member's own page, and what the links in letters to members do.

Programs that look for harm in mail follow its links, so a GET shows a button and only its POST acts.
"""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.accounts import actions, blueprint, queries, sections, tokens
from marketplace.accounts.browsers import remember_browser
from marketplace.accounts.forms import AddressForm, ForgottenForm, PasswordForm, ResetForm
from marketplace.accounts.models import User
from marketplace.devices.sessions import begin_session, current, end_session
from marketplace.throttling.actions import Throttled

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

NOT_THE_PRESENT_ONE = "This is not your present password; check it and try again"


@blueprint.get("/account")
@access.signed_in
def show() -> Page:
    return render_template("accounts/show.html", sections=sections.load_sections())


@blueprint.get("/account/verify")
@access.signed_in
def prove() -> Page:
    return render_template("accounts/prove.html")


@blueprint.post("/account/verify")
@access.signed_in
def ask_for_proof() -> Page:
    if not current_user.is_verified:
        actions.ask_for_proof(current_user)
    return redirect(url_for("accounts.prove", sent="yes"), 303)


@blueprint.get("/verify/<token>")
@access.public
def confirm_proof(token: str) -> Page:
    member = queries.find_member_by_token(tokens.VERIFY, token)
    return _ask(member, "accounts/verify.html", token)


@blueprint.post("/verify/<token>")
@access.public
def verify(token: str) -> Page:
    member = actions.verify_address(token)
    if member is None:
        return _over()
    flash("Thank you: your e-mail address is verified.", "success")
    return redirect(url_for("accounts.show" if current_user.is_authenticated else "accounts.login"), 303)


@blueprint.get("/password/forgot")
@access.public
def forgot() -> Page:
    return _form_page("accounts/forgot.html", ForgottenForm())


@blueprint.post("/password/forgot")
@access.public
def ask_for_reset() -> Page:
    form = ForgottenForm()
    if not form.validate():
        return _form_page("accounts/forgot.html", form), 422
    try:
        actions.ask_for_reset(form.email.data)
    except Throttled as throttled:
        form.email.errors.append(throttled.sentence)
        return _form_page("accounts/forgot.html", form), 429, throttled.headers
    return redirect(url_for("accounts.reset_is_sent"), 303)


@blueprint.get("/password/forgot/sent")
@access.public
def reset_is_sent() -> Page:
    return render_template("accounts/reset_is_sent.html")


@blueprint.get("/password/reset/<token>")
@access.public
def choose_password(token: str) -> Page:
    if queries.find_member_by_token(tokens.RESET, token) is None:
        return _over()
    return _form_page("accounts/reset.html", ResetForm(), token=token)


@blueprint.post("/password/reset/<token>")
@access.public
def reset_password(token: str) -> Page:
    member = queries.find_member_by_token(tokens.RESET, token)
    if member is None:
        return _over()
    form = ResetForm(member.username, member.email)
    if not form.validate():
        return _form_page("accounts/reset.html", form, token=token), 422
    if actions.reset_password(token, form.new_password.data) is None:
        return _over()
    end_session()
    # Whoever is kept waiting because others try the name gets in by this.
    remember_browser(member)
    flash("Your password is changed: log in with the new one.", "success")
    return redirect(url_for("accounts.login"), 303)


@blueprint.get("/account/password")
@access.signed_in
def password() -> Page:
    return _form_page("accounts/password.html", PasswordForm())


@blueprint.post("/account/password")
@access.signed_in
def change_password() -> Page:
    form = PasswordForm(current_user.username, current_user.email)
    if not form.validate():
        return _form_page("accounts/password.html", form), 422
    try:
        changed = actions.change_password(_myself(), form.password.data, form.new_password.data)
    except Throttled as throttled:
        form.password.errors.append(throttled.sentence)
        return _form_page("accounts/password.html", form), 429, throttled.headers
    if not changed:
        form.password.errors.append(NOT_THE_PRESENT_ONE)
        return _form_page("accounts/password.html", form), 422
    _go_on(_myself())
    flash("Your password is changed. You are logged out everywhere else.", "success")
    return redirect(url_for("accounts.show"), 303)


@blueprint.get("/account/address")
@access.signed_in
def address() -> Page:
    return _form_page("accounts/address.html", AddressForm())


@blueprint.post("/account/address")
@access.signed_in
def ask_for_address() -> Page:
    form = AddressForm()
    if not form.validate():
        return _form_page("accounts/address.html", form), 422
    try:
        asked = actions.ask_for_address(_myself(), form.password.data, form.email.data)
    except Throttled as throttled:
        form.password.errors.append(throttled.sentence)
        return _form_page("accounts/address.html", form), 429, throttled.headers
    if not asked:
        form.password.errors.append(NOT_THE_PRESENT_ONE)
        return _form_page("accounts/address.html", form), 422
    return redirect(url_for("accounts.address_is_asked"), 303)


@blueprint.get("/account/address/sent")
@access.signed_in
def address_is_asked() -> Page:
    return render_template("accounts/address_is_asked.html")


@blueprint.get("/address/<token>")
@access.public
def confirm_address(token: str) -> Page:
    member = queries.find_member_by_token(tokens.CHANGE, token)
    return _ask(member, "accounts/confirm_address.html", token)


@blueprint.post("/address/<token>")
@access.public
def change_address(token: str) -> Page:
    own_id = current_user.id if current_user.is_authenticated else None
    member = actions.change_address(token)
    if member is None:
        return _over()
    flash("Your e-mail address is changed. You are logged out everywhere else.", "success")
    if member.id != own_id:
        return redirect(url_for("accounts.login" if own_id is None else "accounts.show"), 303)
    _go_on(member)
    return redirect(url_for("accounts.show"), 303)


def _ask(member: User | None, template: str, token: str) -> Page:
    return _over() if member is None else render_template(template, token=token, username=member.username)


def _over() -> Page:
    return render_template("accounts/link_over.html"), 410


def _form_page(template: str, form: object, **values: str) -> str:
    return render_template(template, form=form, error_list=form.error_list(), **values)  # type: ignore[attr-defined]


def _myself() -> User:
    member: User = current_user._get_current_object()
    return member


def _go_on(member: User) -> None:
    """Begin this browser's session anew: all sessions of the member have just ended."""
    behind = current()
    begin_session(member, remember=behind is not None and behind.is_remembered)
