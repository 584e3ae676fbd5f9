"""The QR code that an app reads."""

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """Return an address as SVG, drawn by attributes alone: the site's policy allows no style in a page.

    Its ground is light in dark mode, too: many cameras read no other ones.
    """
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(
        scale=5, dark="#000", light="#fff", svgclass=None, lineclass=None, title="QR code for your app"
    )
    return Markup(svg)  # noqa: S704 - made of numbers and fixed text alone.
