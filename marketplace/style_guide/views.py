"""The page that shows all components."""

from flask import render_template

from marketplace import access
from marketplace.style_guide import blueprint, fields, samples


@blueprint.get("/style-guide")
@access.public
def show() -> str:
    return render_template("style_guide/show.html", samples=samples, **fields.sample_forms())
