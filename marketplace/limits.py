"""How much a request may bring along, beside the sizes of bodies and files that config.py and uploads set."""

from flask import Flask, abort, request

# The path and what is asked in it. The longest search there is has some 3,000 bytes.
ADDRESS_MAXIMUM = 4_000
# A listing's form with all its rows and pictures has less than half as many.
FIELDS_MAXIMUM = 2_000


def init_app(app: Flask) -> None:
    """Refuse requests that bring too much, each with its page."""
    # For forms with files, which are counted while they are read.
    app.config["MAX_FORM_PARTS"] = FIELDS_MAXIMUM

    # First of all: what else looks at a form, such as the check for forgery, is spared the rest.
    app.before_request_funcs.setdefault(None, []).insert(0, refuse_what_no_form_sends)


def refuse_what_no_form_sends() -> None:
    """End a request that brings too much, with 414 or 413, or a field without a name, with 400."""
    if address_length() > ADDRESS_MAXIMUM:
        abort(414)
    if sum(map(len, request.form.listvalues())) > FIELDS_MAXIMUM:
        abort(413)
    # Werkzeug calls it None, which the check for forgery takes for a text.
    if None in request.form or None in request.files:
        abort(400)


def address_length() -> int:
    """Return the bytes of the request's path and query."""
    return len(request.path.encode()) + len(request.query_string)
