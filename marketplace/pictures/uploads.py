"""How a view takes files: a larger limit for its requests alone, and the files of a field.

@blueprint.post("/listings/new")
@access.signed_in
@uploads.takes_pictures
def create() -> Page:
    files = uploads.files_of("offers-0-pictures")
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.datastructures import FileStorage

from marketplace.pictures.rules import FILE_MAXIMUM, PICTURES_MAXIMUM

# The pictures of one item, each as large as it may be, and a form.
REQUEST_MAXIMUM = PICTURES_MAXIMUM * FILE_MAXIMUM + 1_000_000

View = TypeVar("View", bound=Callable[..., Any])


def takes_pictures(view: View) -> View:
    """Let requests of this view be as large as a form with pictures; its other limits stay."""
    view.takes_pictures = True  # type: ignore[attr-defined]
    return view


def files_of(field: str) -> list[FileStorage]:
    """Return the files sent in the field of this name; browsers send an empty one where none was chosen."""
    return [file for file in request.files.getlist(field) if file.filename]


def init_app(app: Flask) -> None:
    """Raise the limit for views that ask for it."""

    # Before all that runs before a request: the check for forgery already reads the form.
    @app.url_value_preprocessor
    def raise_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        takes = endpoint is not None and hasattr(current_app.view_functions[endpoint], "takes_pictures")
        # Files come in no other kind of form.
        if takes and request.mimetype == "multipart/form-data":
            request.max_content_length = REQUEST_MAXIMUM
