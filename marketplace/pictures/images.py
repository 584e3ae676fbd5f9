"""From the bytes of a picture to its checked, upright, anonymous variants.

Runs as a program of its own, without the rest of the site: `python images.py SETTINGS` reads one picture from
standard input and answers on standard output. Whatever a file does to the libraries that decode it, it does
to this process, which has little memory, little time, no settings and nothing to write to.
"""

import contextlib
import io
import json
import os
import resource
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from PIL import Image, ImageCms, JpegImagePlugin, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
WEBP_OPTIONS = {"format": "WEBP", "quality": 80}
JPEG_OPTIONS = {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True}
# Behind what is transparent, where a format knows no transparency.
GROUND = (255, 255, 255)
# A tall strip is this many times as high as wide at most: WebP ends at 16,383 pixels.
TALLEST = 4
# What a member holds upright is often stored lying down: EXIF's orientation, and the way back.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION_TAG = 0x0112
# The largest answer by far: six files of noise.
MOST_OUTPUT = 64_000_000

# The size is checked here, before anything is decoded and by a limit of our own.
Image.MAX_IMAGE_PIXELS = None


class Refused(Exception):  # noqa: N818 - it reads as the sentence it is.
    """The picture cannot be taken; `reason` is a key of the sentences in rules.py."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Variants(NamedTuple):
    """A picture's upright size, and its files by name, such as 640.webp."""

    width: int
    height: int
    files: dict[str, bytes]


def make_variants(data: bytes, widths: Sequence[int], most_pixels: int) -> Variants:
    """Return the picture in each of `widths`, never enlarged, as WebP and as JPEG.

    The files hold pixels in sRGB and nothing else. Raises Refused; MemoryError when memory ends.
    """
    with warnings.catch_warnings():
        # Decoders warn of much that nobody here would do anything about.
        warnings.simplefilter("ignore")
        pixels, width, height = _decoded(data, max(widths), most_pixels)
    profile = pixels.info.get("icc_profile")
    largest = fitted(width, height, max(widths))
    pixels = pixels.resize(largest, Image.Resampling.LANCZOS, reducing_gap=3)
    pixels = _without_empty_alpha(_in_srgb(pixels, profile))
    return Variants(width, height, encode(pixels, width, height, widths))


def encode(
    pixels: Image.Image, width: int, height: int, widths: Sequence[int], effort: int = 4
) -> dict[str, bytes]:
    """Return the files of plain pixels in RGB or RGBA, of which the original had this width and height.

    `effort` from 0 to 6 makes the WebP files smaller, and takes longer.
    """
    files: dict[str, bytes] = {}
    for name in sorted(widths, reverse=True):
        pixels = pixels.resize(fitted(width, height, name), Image.Resampling.LANCZOS)
        files |= _encoded(pixels, name, effort)
    return files


def fitted(width: int, height: int, widest: int) -> tuple[int, int]:
    """Return the size at which a picture of this size is at most `widest` wide, and not too high."""
    scale = min(1.0, widest / width, widest * TALLEST / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _decoded(data: bytes, widest: int, most_pixels: int) -> tuple[Image.Image, int, int]:
    """Return the first frame upright, at least as large as it is needed, and the size of the original."""
    if not data:
        raise Refused("empty")
    try:
        image = _opened(data, most_pixels)
        width, height = image.size
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            # The decoder skips detail that would be thrown away anyway, to half, a quarter or an eighth.
            lying, upright = fitted(width, height, widest), fitted(height, width, widest)
            image.draft(image.mode, (max(lying[0], upright[1]), max(lying[1], upright[0])))
        # Before the metadata: reading it loads some files, and a second load hides that the first one failed.
        image.load()
        turn = _orientation(image)
        pixels = _plain_pixels(image)
    except (Refused, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise Refused("not_a_picture") from error
    except Exception as error:
        # The decoders raise whatever comes to hand when a file is damaged.
        raise Refused("broken") from error
    if turn >= 5:
        width, height = height, width
    return (pixels.transpose(TURNS[turn]) if turn in TURNS else pixels), width, height


def _opened(data: bytes, most_pixels: int) -> Image.Image:
    """Read the head of a picture, whatever its file is called. Raises Refused when it is too large."""
    formats: tuple[str, ...] = FORMATS
    if data[4:8] == b"ftyp":
        # Loaded for the files that need it: it takes as long as Pillow.
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
        formats = ("HEIF",)
    # This decoder makes room for the whole picture as soon as it is opened.
    _check_size(_webp_size(data), most_pixels)
    image = Image.open(io.BytesIO(data), formats=formats)
    _check_size(image.size, most_pixels)
    return image


def _check_size(size: tuple[int, int], most_pixels: int) -> None:
    if size[0] * size[1] > most_pixels:
        raise Refused("too_many_pixels")


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return the size that a WebP file states, (0, 0) for other files."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return 0, 0
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF


def _orientation(image: Image.Image) -> int:
    """Return EXIF's number for how the picture lies; 1, upright, when the file says nothing usable."""
    try:
        stated = image.getexif().get(ORIENTATION_TAG, 1)
    except Exception:
        # A picture is not refused for what is wrong with its metadata.
        return 1
    return stated if isinstance(stated, int) and stated in TURNS else 1


def _plain_pixels(image: Image.Image) -> Image.Image:
    """Bring the first frame into a mode that can be resized and has a colour profile's channels."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Turn the colours into sRGB, by the file's own profile where it has one that can be used."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            assert converted is not None
            return converted
    return image.convert(mode)


def _without_empty_alpha(image: Image.Image) -> Image.Image:
    """Drop an alpha channel that hides nothing."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def _encoded(image: Image.Image, name: int, effort: int) -> dict[str, bytes]:
    # Copied onto new canvases: Pillow's images carry along what their file said about itself.
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    opaque = Image.new("RGB", image.size, GROUND)
    opaque.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return {
        f"{name}.webp": _saved(clean, WEBP_OPTIONS | {"method": effort}),
        f"{name}.jpg": _saved(opaque, JPEG_OPTIONS),
    }


def _saved(image: Image.Image, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def _limit_this_process(memory: int, seconds: int) -> None:
    """Take away from this process what a file might misuse."""
    # Pages go first.
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer with one line of JSON, then the files one after another in the order that it names."""
    settings = json.loads(sys.argv[1])
    _limit_this_process(settings["memory"], settings["seconds"])
    files: dict[str, bytes] = {}
    head: dict[str, Any]
    try:
        made = make_variants(sys.stdin.buffer.read(), settings["widths"], settings["most_pixels"])
        files = made.files
        sizes = [[name, len(content)] for name, content in files.items()]
        head = {"width": made.width, "height": made.height, "files": sizes}
    except Refused as refusal:
        head = {"refused": refusal.reason}
    except MemoryError:
        head = {"refused": "too_costly"}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(files.values()))


if __name__ == "__main__":
    main()
