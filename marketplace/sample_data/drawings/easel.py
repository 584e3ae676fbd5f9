"""A sheet to draw on, 96 by 72 units whatever its size in pixels, with its origin at the top left."""

from collections.abc import Sequence
from math import cos, radians, sin
from random import Random

from PIL import Image, ImageDraw

from marketplace.sample_data.drawings.palettes import Palette

Point = tuple[float, float]
Colour = str

WIDTH, HEIGHT = 96, 72
# The sheet is drawn larger than it is kept, and made smaller: that smooths every edge.
KEPT = 10
DRAWN = 20
# Where things stand.
FLOOR = 58.0


class Easel:
    """The sheet, the colours that belong together on it, and the chance that varies it."""

    def __init__(self, palette: Palette, seed: str) -> None:
        self.palette = palette
        self.chance = Random(seed)  # noqa: S311 - not a secret
        self._image = Image.new("RGB", (WIDTH * DRAWN, HEIGHT * DRAWN), palette.wall)
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """Return the drawing, 960 by 720 pixels; every other one is seen from the other side."""
        image = self._image.reduce(DRAWN // KEPT)
        mirrored = self.chance.random() < 0.5
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else image

    def pick(self, *colours: Colour) -> Colour:
        """Return one of these colours."""
        return self.chance.choice(colours)

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, round_: float = 0
    ) -> None:
        """A rectangle, with round corners if asked for."""
        self._draw.rounded_rectangle(self._scaled((left, top), (right, bottom)), round_ * DRAWN, fill)

    def oval(self, x: float, y: float, across: float, fill: Colour, high: float | None = None) -> None:
        """A circle around a point, or an ellipse when `high` differs from `across`."""
        wide, tall = across / 2, (across if high is None else high) / 2
        self._draw.ellipse(self._scaled((x - wide, y - tall), (x + wide, y + tall)), fill)

    def ring(self, x: float, y: float, across: float, colour: Colour, thick: float) -> None:
        """A circle's line, `across` measured at its outside."""
        half = across / 2
        corners = self._scaled((x - half, y - half), (x + half, y + half))
        self._draw.ellipse(corners, outline=colour, width=round(thick * DRAWN))

    def arc(
        self, x: float, y: float, across: float, start: float, end: float, colour: Colour, thick: float
    ) -> None:
        """A part of a circle's line, in degrees clockwise from the right."""
        half = across / 2
        corners = self._scaled((x - half, y - half), (x + half, y + half))
        self._draw.arc(corners, start, end, colour, round(thick * DRAWN))

    def pie(self, x: float, y: float, across: float, start: float, end: float, fill: Colour) -> None:
        """A sector of a circle, in degrees clockwise from the right."""
        half = across / 2
        self._draw.pieslice(self._scaled((x - half, y - half), (x + half, y + half)), start, end, fill)

    def shape(self, fill: Colour, *points: Point) -> None:
        """A polygon."""
        self._draw.polygon(self._scaled(*points), fill)

    def line(self, colour: Colour, thick: float, *points: Point) -> None:
        """A line with round ends through these points."""
        self._draw.line(self._scaled(*points), colour, round(thick * DRAWN), joint="curve")
        for x, y in (points[0], points[-1]):
            self.oval(x, y, thick, colour)

    def spokes(self, x: float, y: float, reach: float, count: int, colour: Colour, thick: float) -> None:
        """Lines from a point outwards."""
        for number in range(count):
            angle = radians(360 * number / count + 10)
            self.line(colour, thick, (x, y), (x + reach * cos(angle), y + reach * sin(angle)))

    def shadow(self, left: float, right: float) -> None:
        """What a thing throws on the floor between these places."""
        self.oval((left + right) / 2, FLOOR + 1, (right - left) * 1.15, self.palette.shade, 5)

    def _scaled(self, *points: Point) -> Sequence[Point]:
        return [(x * DRAWN, y * DRAWN) for x, y in points]
