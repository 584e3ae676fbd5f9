"""The forms that ask for a code."""

from wtforms.validators import InputRequired, ValidationError

from marketplace.forms import Form, NewPasswordField, Required, TextField
from marketplace.second_factor import rules


class AppCodeForm(Form):
    """A code of the app that is being set up."""

    code = TextField("Code of your app", [Required("Enter the code that your app shows")])

    def validate_code(self, field: TextField) -> None:
        if not rules.is_app_code(rules.plain(field.data)):
            raise ValidationError("Enter the 6 digits that your app shows")


class _WithCode:
    """The field for a code of the app, or a recovery code."""

    code = TextField("Code of your app, or a recovery code", [Required("Enter a code")])

    def validate_code(self, field: TextField) -> None:
        code = rules.plain(field.data)
        if not rules.is_app_code(code) and not rules.is_recovery_code(code):
            raise ValidationError(
                f"Enter the 6 digits that your app shows, or the {rules.RECOVERY_LENGTH} letters and digits"
                " of a recovery code"
            )


class CodeForm(_WithCode, Form):
    """A code of the app, or a recovery code."""


class TurnOffForm(_WithCode, Form):
    """The password and a code."""

    password = NewPasswordField("Your password", [InputRequired("Enter your password")])
