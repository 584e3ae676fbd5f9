"""The addresses of pictures' files that everybody may see."""

from werkzeug.wrappers import Response

from marketplace import access
from marketplace.pictures import blueprint
from marketplace.pictures.files import FOR_EVERYBODY, file_answer


@blueprint.get("/media/<key>/<name>")
@access.public
def show(key: str, name: str) -> Response:
    return file_answer(key, name, FOR_EVERYBODY)
