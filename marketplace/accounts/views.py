"""The pages to register, log in and log out."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.accounts import actions, blueprint
from marketplace.accounts.forms import LoginForm, RegisterForm
from marketplace.database.violations import RuleBroken
from marketplace.devices.sessions import begin_session, end_session
from marketplace.moderation.suspension import suspended_page
from marketplace.second_factor import half
from marketplace.second_factor import queries as second_factor
from marketplace.throttling.actions import Throttled, count_attempt
from marketplace.throttling.rules import REGISTER
from marketplace.urls import path_on_this_site
from marketplace.visitor_address import visitor_network

WRONG_CREDENTIALS = "This username and password do not belong together; check both and try again"
TAKEN = {
    "uq_users_username_lower": "Somebody else has this username: choose another",
    "pk_username_skeletons": "This username looks too much like another one: choose another",
    "ck_users_username_not_reserved": "This username stands for the site itself: choose another",
}

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.get("/register")
@access.public
def register() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("pages.home"), 303)
    return _register_page(RegisterForm(next=request.args.get("next")))


@blueprint.post("/register")
@access.public
def create_account() -> Page:
    form = RegisterForm()
    try:
        count_attempt(REGISTER, visitor_network())
    except Throttled as throttled:
        form.username.errors = [throttled.sentence]
        return _register_page(form), 429, throttled.headers
    if not form.validate():
        return _register_page(form), 422
    try:
        member = actions.register_member(form.username.data, form.email.data, form.password.data)
    except RuleBroken as broken:
        form.username.errors.append(TAKEN[broken.constraint])
        return _register_page(form), 422
    begin_session(member)
    flash(f"Welcome to Kula, {member.username}. We sent a letter to {member.email}.", "success")
    return _continue_to(form.next.data)


@blueprint.get("/login")
@access.public
def login() -> Page:
    if current_user.is_authenticated:
        return _continue_to(request.args.get("next"))
    return _login_page(LoginForm(next=request.args.get("next")))


@blueprint.post("/login")
@access.public
def check_credentials() -> Page:
    form = LoginForm()
    if not form.validate():
        return _login_page(form), 422
    try:
        member = actions.check_credentials(form.username.data, form.password.data)
    except Throttled as throttled:
        form.username.errors.append(throttled.sentence)
        return _login_page(form), 429, throttled.headers
    if member is None:
        form.username.errors.append(WRONG_CREDENTIALS)
        return _login_page(form), 422
    if member.is_suspended and not member.is_leaving:
        return suspended_page(member)
    if second_factor.is_on(member.id):
        half.begin(member, form.remember.data, form.next.data)
        return redirect(url_for("second_factor.ask_for_code"), 303)
    begin_session(member, remember=form.remember.data)
    return _continue_to(form.next.data)


@blueprint.post("/logout")
@access.public
def logout() -> Page:
    end_session()
    flash("You are logged out.", "success")
    return redirect(url_for("pages.home"), 303)


def _register_page(form: RegisterForm) -> str:
    return render_template("accounts/register.html", form=form, error_list=form.error_list())


def _login_page(form: LoginForm) -> str:
    return render_template("accounts/login.html", form=form, error_list=form.error_list())


def _continue_to(target: str | None) -> Response:
    return redirect(path_on_this_site(target) or url_for("pages.home"), 303)
