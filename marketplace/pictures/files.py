"""The answer that is a picture's file, wherever its address is."""

from flask import Response, abort, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from marketplace.pictures import rules
from marketplace.pictures.storage import StorageError, media
from marketplace.security_headers import FILE_HEADERS

# The files of a key never change: other pixels get another key.
FOR_EVERYBODY = "public, max-age=31536000, immutable"
# Whoever may see it is asked for each time.
FOR_SOME = "private, no-cache"


def file_answer(key: str, name: str, cache_control: str) -> AnyResponse:
    """Return the file of this name of the picture with this key; 404 when there is none."""
    if not rules.KEY.fullmatch(key) or name not in rules.FILE_NAMES:
        abort(404)
    try:
        file = media().open(key, name)
    except StorageError as error:
        current_app.logger.error("A picture cannot be read: %s", error)
        abort(503)
    if file is None:
        abort(404)
    headers = {"Cache-Control": cache_control, **FILE_HEADERS}
    response = Response(file.pieces, mimetype=rules.TYPES[name.rpartition(".")[2]], headers=headers)
    response.content_length = file.size
    response.set_etag(f"{key}-{name}")
    return response.make_conditional(request)
