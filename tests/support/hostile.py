"""Text that nobody means well with, and text of scripts that are rarely tried, as a browser would send it."""

from marketplace.forms import INVISIBLE

# The bytes of each text as they are percent-encoded in a form.
HOSTILE = {
    "nul": b"abc\x00def",
    "only nul": b"\x00",
    "lone surrogate": b"abc\xed\xa0\x80def",
    "not utf-8": b"abc\xff\xfedef",
    "controls": bytes(range(1, 32)) + b"abc\x7f",
    "c1 controls": "abc\x80\x85\x9fdef".encode(),
    "noncharacters": "abc\ufdd0\ufffe\uffff\U0010ffffdef".encode(),
    "zero width": "\u200b\u200d\u2060\ufeff".encode(),
    "spaces": b"   \t ",
    "other spaces": "\u00a0\u2003\u3000\u2028\u2029".encode(),
    "right to left": "שלום עולם مرحبا بالعالم".encode(),
    "bidi overrides": "abc\u202edef\u2066ghi\u2067jkl\u061c".encode(),
    "combining": ("a" + "\u0301\u0323" * 40).encode(),
    "emoji": "👩🏽‍🚒🇵🇬👨‍👩‍👧‍👦".encode(),
    "long word": b"w" * 6000,
    "markup": b"</title></textarea>\"'><script>alert(1)</script><!--",
    "template": b"{{ 7*7 }}{% raw %}{{ config }}",
    "format": b"%s%(x)s%n{0}{x!r}${x}",
    "sql": b"'; DROP TABLE users; --\\'",
    "number": b"9" * 5000,
    "negative": b"-1",
    "not a number": b"NaN",
    "other digits": "٣²½".encode(),
}

# Of these, the texts that a form accepts and that pages then show.
SHOWN = ("right to left", "bidi overrides", "combining", "emoji", "markup", "template", "format", "sql")


def seen(text: str) -> str:
    """Return what people would see of a text, white space folded."""
    return " ".join(INVISIBLE.sub("", text).split())
