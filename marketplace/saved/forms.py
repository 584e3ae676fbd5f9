"""The form to name a search that is kept."""

from marketplace.forms import Form, Required, TextField, at_most
from marketplace.saved.models import SEARCH_NAME_LENGTH


class SearchNameForm(Form):
    """What a member calls a search."""

    name = TextField("Name", [Required("Give the search a name"), at_most(SEARCH_NAME_LENGTH)])
