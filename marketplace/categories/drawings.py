"""The quiet drawing that stands where a thing has no picture: one for each starter category at a root."""

from pathlib import Path

from flask import Flask

GENERAL = "general"


def init_app(app: Flask) -> None:
    """Give templates `category_drawing_url(root_slug)`; a category without a drawing gets the general one."""
    folder = Path(app.static_folder or "") / "img" / "categories"
    drawn = frozenset(file.stem for file in folder.glob("*.svg"))
    assets = app.extensions["assets"]

    @app.template_global()
    def category_drawing_url(root_slug: str) -> str:
        name = root_slug if root_slug in drawn else GENERAL
        return str(assets.address(f"img/categories/{name}.svg"))
