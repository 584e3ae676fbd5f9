"""The addresses of pictures' files."""

from flask import Response, abort, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from marketplace import access
from marketplace.pictures import blueprint, rules
from marketplace.pictures.storage import StorageError, media
from marketplace.security_headers import FILE_HEADERS

HEADERS = {
    # The files of a key never change: other pixels get another key.
    "Cache-Control": "public, max-age=31536000, immutable",
    **FILE_HEADERS,
}


@blueprint.get("/media/<key>/<name>")
@access.public
def show(key: str, name: str) -> AnyResponse:
    if not rules.KEY.fullmatch(key) or name not in rules.FILE_NAMES:
        abort(404)
    try:
        file = media().open(key, name)
    except StorageError as error:
        current_app.logger.error("A picture cannot be read: %s", error)
        abort(503)
    if file is None:
        abort(404)
    response = Response(file.pieces, mimetype=rules.TYPES[name.rpartition(".")[2]], headers=HEADERS)
    response.content_length = file.size
    response.set_etag(f"{key}-{name}")
    return response.make_conditional(request)
