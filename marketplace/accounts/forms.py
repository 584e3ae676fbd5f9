"""The forms to register and to log in."""

import re

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired, ValidationError

from marketplace.accounts import rules
from marketplace.accounts.models import EMAIL_LENGTH, USERNAME_LENGTH, USERNAME_PATTERN
from marketplace.forms import AddressField, Form, NewPasswordField, Required, TextField, at_most
from marketplace.urls import path_on_this_site


class RegisterForm(Form):
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

    def validate_email(self, field: AddressField) -> None:
        if rules.standard_address(field.data) is None:
            raise ValidationError("Enter an e-mail address such as name@example.org")

    def validate_password(self, field: NewPasswordField) -> None:
        password = field.data or ""
        if len(password) < rules.PASSWORD_MINIMUM:
            raise ValidationError(f"Use {rules.PASSWORD_MINIMUM} characters or more")
        if len(password) > rules.PASSWORD_MAXIMUM:
            raise ValidationError(f"Use {rules.PASSWORD_MAXIMUM} characters or fewer")
        if rules.is_common(password, self.username.data or "", self.email.data or "", "kula"):
            raise ValidationError("This password is among the first that others would guess: choose another")


class LoginForm(Form):
    """Name and password."""

    username = TextField("Username or e-mail address", [Required("Enter your username or e-mail address")])
    password = NewPasswordField("Password", [InputRequired("Enter your password")])
    remember = BooleanField("Keep me signed in on this device")
    next = HiddenField(filters=[path_on_this_site])
