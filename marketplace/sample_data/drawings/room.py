"""The room in which each thing stands: a wall with some light on it, and a floor."""

from marketplace.sample_data.drawings.easel import FLOOR, HEIGHT, WIDTH, Easel


def furnish(e: Easel) -> None:
    """Draw the room: wall, light and floor."""
    e.chance.choice((_sun, _arch, _window, _stripes))(e)
    e.box(0, FLOOR - 6, WIDTH, HEIGHT, e.palette.floor)


def _sun(e: Easel) -> None:
    e.oval(48 + e.chance.randint(-16, 16), 30, 50, e.palette.glow)


def _arch(e: Easel) -> None:
    left = e.chance.choice((18, 26))
    e.oval(left + 26, 36, 52, e.palette.glow)
    e.box(left, 36, left + 52, 60, e.palette.glow)


def _window(e: Easel) -> None:
    left = e.chance.choice((6, 58))
    for x in (left, left + 16):
        for y in (6, 22):
            e.box(x, y, x + 14, y + 14, e.palette.glow, 1)


def _stripes(e: Easel) -> None:
    for x in range(4, WIDTH, 16):
        e.box(x, 0, x + 7, HEIGHT, e.palette.glow)
