"""Pictures for tests: rows alone, unless a test stores their files."""

from secrets import token_hex
from typing import Any

from marketplace.pictures.models import Picture
from tests.factories.base import Factory


class PictureFactory(Factory):
    """Makes pictures of 1200 by 900 pixels that belong to nobody and nothing, unless told otherwise."""

    def picture(self, **values: Any) -> Picture:
        """Save a picture's row."""
        defaults = {"key": token_hex(16), "width": 1200, "height": 900}
        picture: Picture = self.saved(Picture(**(defaults | values)))
        return picture
