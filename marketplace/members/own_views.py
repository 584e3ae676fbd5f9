"""The form with which a member changes their own profile."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.members import actions, blueprint, queries
from marketplace.members.forms import ProfileForm
from marketplace.members.models import Profile

Page = str | Response | tuple[str, int]


def own_profile() -> Profile | None:
    """Return what the member has said, for the account page."""
    return queries.find_own_profile(current_user.id)


@blueprint.get("/account/profile")
@access.signed_in
def edit() -> Page:
    return _form_page(ProfileForm(obj=own_profile()))


@blueprint.post("/account/profile")
@access.signed_in
def save() -> Page:
    form = ProfileForm()
    if not form.validate():
        return _form_page(form), 422
    actions.save_profile(current_user.id, form.about.data, form.area.data or None, form.time_zone.data)
    flash("Your profile is saved.", "success")
    return redirect(url_for("members.show", username=current_user.username), 303)


def _form_page(form: ProfileForm) -> str:
    return render_template("members/profile.html", form=form, error_list=form.error_list())
