"""The forms to register and to log in, and to change password and address."""

import re
from typing import Any

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, ValidationError

from marketplace.accounts import rules
from marketplace.accounts.models import EMAIL_LENGTH, USERNAME_LENGTH, USERNAME_PATTERN
from marketplace.forms import AddressField, Form, NewPasswordField, Required, TextField, at_most
from marketplace.urls import path_on_this_site


class _WithAddress(Form):
    """A form with an e-mail address."""

    email = AddressField("E-mail address", [Required("Enter your e-mail address"), at_most(EMAIL_LENGTH)])

    def validate_email(self, field: AddressField) -> None:
        if rules.standard_address(field.data) is None:
            raise ValidationError("Enter an e-mail address such as name@example.org")


class RegisterForm(_WithAddress):
    """A new account."""

    username = TextField("Username", [Required("Enter a username"), at_most(USERNAME_LENGTH)])
    email = AddressField("E-mail address", [Required("Enter your e-mail address"), at_most(EMAIL_LENGTH)])
    password = NewPasswordField("Password", [InputRequired("Choose a password")])
    next = HiddenField(filters=[path_on_this_site])

    def validate_username(self, field: TextField) -> None:
        if not re.fullmatch(USERNAME_PATTERN, field.data):
            raise ValidationError(
                "Use 3 to 30 letters without accents, digits, dots, hyphens or underscores,"
                " beginning with a letter or digit"
            )

    def validate_password(self, field: NewPasswordField) -> None:
        _refuse_weak(field.data or "", self.username.data or "", self.email.data or "")


class LoginForm(Form):
    """Name and password."""

    username = TextField("Username or e-mail address", [Required("Enter your username or e-mail address")])
    password = NewPasswordField("Password", [InputRequired("Enter your password")])
    remember = BooleanField("Keep me signed in on this device")
    next = HiddenField(filters=[path_on_this_site])


class ForgottenForm(_WithAddress):
    """The address of somebody who has forgotten the password."""


class _WithNewPassword(Form):
    """A form with a new password, for a member whose name and address nobody should take for it."""

    new_password = NewPasswordField("New password", [InputRequired("Choose a password")])

    def __init__(self, *known: str, **values: Any) -> None:
        super().__init__(**values)
        self._known = known

    def validate_new_password(self, field: NewPasswordField) -> None:
        _refuse_weak(field.data or "", *self._known)


class ResetForm(_WithNewPassword):
    """Another password for somebody who has forgotten it."""


class PasswordForm(_WithNewPassword):
    """Another password for somebody who knows the present one."""

    password = NewPasswordField("Present password", [InputRequired("Enter your present password")])
    new_password = NewPasswordField("New password", [InputRequired("Choose a password")])


class AddressForm(_WithAddress):
    """Another address."""

    email = AddressField("New e-mail address", [Required("Enter the new address"), at_most(EMAIL_LENGTH)])
    password = NewPasswordField("Password", [InputRequired("Enter your password")])


def _refuse_weak(password: str, *known: str) -> None:
    if len(password) < rules.PASSWORD_MINIMUM:
        raise ValidationError(f"Use {rules.PASSWORD_MINIMUM} characters or more")
    if len(password) > rules.PASSWORD_MAXIMUM:
        raise ValidationError(f"Use {rules.PASSWORD_MAXIMUM} characters or fewer")
    if rules.is_common(password, *known, "kula"):
        raise ValidationError("This password is among the first that others would guess: choose another")
