"""How far two colours are apart, as WCAG defines it."""


def luminance(colour: str) -> float:
    """Return the relative luminance of an opaque `#rrggbb` or `rgb(…)`."""
    if colour.startswith("#"):
        parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    else:
        assert colour.startswith("rgb("), colour
        parts = [int(part) for part in colour[4:-1].split(",")]
    channels = [part / 255 for part in parts]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours: from 1 for the same to 21 for black and white."""
    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
