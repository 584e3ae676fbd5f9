"""The form that asks for the password again."""

from wtforms import HiddenField
from wtforms.validators import InputRequired

from marketplace.forms import Form, NewPasswordField
from marketplace.urls import path_on_this_site


class ConfirmForm(Form):
    """The password of the member who is signed in."""

    password = NewPasswordField("Your password", [InputRequired("Enter your password")])
    next = HiddenField(filters=[path_on_this_site])
