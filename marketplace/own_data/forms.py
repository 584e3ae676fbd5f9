"""The form by which a member confirms, with the password, what is asked for."""

from wtforms.validators import InputRequired

from marketplace.forms import Form, NewPasswordField


class OwnDataForm(Form):
    """The password of whoever is logged in."""

    password = NewPasswordField("Password", [InputRequired("Enter your password")])
