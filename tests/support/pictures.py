"""Pictures to upload, good ones and such as an attacker would send, all made on the spot."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms
from werkzeug.datastructures import FileStorage

pillow_heif.register_heif_opener()

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 160, 60), (40, 60, 200), (230, 200, 40)
CORNERS = (RED, GREEN, BLUE, YELLOW)
GPS = 0x8825
ORIENTATION = 0x0112
# How each of EXIF's orientations has laid down what stands upright.
LAID_DOWN = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_90],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_270],
}


def still_life(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """A picture whose four quarters tell which way it is up: red and green above blue and yellow."""
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate(CORNERS):
        left, top = number % 2 * (width // 2), number // 2 * (height // 2)
        image.paste(colour, (left, top, left + width - width // 2, top + height - height // 2))
    return image.convert(mode)


def quarters(image: Image.Image) -> tuple[str, ...]:
    """The names of the colours in the middle of a picture's quarters, in reading order."""
    image = image.convert("RGB")
    places = [(x, y) for y in (1, 3) for x in (1, 3)]
    pixels = [image.getpixel((image.width * x // 4, image.height * y // 4)) for x, y in places]
    names = ("red", "green", "blue", "yellow")
    return tuple(
        names[min(range(4), key=lambda n: sum((a - b) ** 2 for a, b in zip(CORNERS[n], pixel, strict=True)))]
        for pixel in pixels
    )


UPRIGHT = ("red", "green", "blue", "yellow")


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file of a picture."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def photo(kind: str = "JPEG", width: int = 96, height: int = 64, **options: Any) -> bytes:
    """The file of the still life."""
    return encoded(still_life(width, height), kind, **options)


def tell_tale_exif(orientation: int = 1) -> Image.Exif:
    """EXIF that says where and by whom a picture was taken, and which way it lies."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "SECRET camera maker"
    exif[0x013B] = "SECRET photographer"
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    return exif


def lying(kind: str, orientation: int) -> bytes:
    """The still life as a camera stores it that was held differently, with EXIF to turn it back."""
    image = still_life()
    for step in LAID_DOWN[orientation]:
        image = image.transpose(step)
    return encoded(image, kind, exif=tell_tale_exif(orientation).tobytes())


def opened(content: bytes) -> Image.Image:
    """A picture's file, decoded."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def png(width: int, height: int, body: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of one bit for each pixel, with this compressed body, whatever it holds."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + checksum

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    others = b"".join(chunk(*each) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + head + others + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pixel_bomb() -> bytes:
    """A PNG of 50 kB that unpacks to 400 megapixels."""
    return png(20_000, 20_000, zlib.compress(bytes(20_000 * 2_501), 9))


def text_bomb() -> bytes:
    """A small PNG with a comment of 50 MB."""
    comment = zlib.compress(bytes(50_000_000), 9)
    return png(8, 8, zlib.compress(bytes(16)), (b"zTXt", b"Comment\0\0" + comment))


def lying_webp(width: int, height: int) -> bytes:
    """A WebP whose head states this size, and which has no pixels."""

    def three(number: int) -> bytes:
        return (number - 1).to_bytes(3, "little")

    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + three(width) + three(height)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def lying_heic(width: int, height: int) -> bytes:
    """A HEIC whose properties state this size."""
    content = photo("HEIF")
    place = content.index(b"ispe") + 8
    return content[:place] + struct.pack(">II", width, height) + content[place + 8 :]


def scan_bomb(scans: int = 50_000) -> bytes:
    """A progressive JPEG that says its last scan again and again: a small file that takes long to read."""
    content = encoded(Image.effect_noise((1_500, 1_500), 90).convert("RGB"), "JPEG", progressive=True)
    start = content.rindex(b"\xff\xda")
    last = content[start:-2]
    # Another scan in its place that is next to nothing: only its head counts.
    return content[:start] + last[:14] * scans + last + b"\xff\xd9"


def zipped() -> bytes:
    """A zip archive with something to find in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SECRET.html", "<script>alert('SECRET')</script>")
    return buffer.getvalue()


def animation(kind: str) -> bytes:
    """Three frames: the still life, then two in grey."""
    others = [Image.new("RGB", (96, 64), (128, 128, 128)), Image.new("RGB", (96, 64), (90, 90, 90))]
    return encoded(still_life(), kind, save_all=True, append_images=others, duration=50, loop=0)


def swapped_profile() -> bytes:
    """A colour profile in which red and blue have changed places: who ignores it sees wrong colours."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", content[128:132])[0]
    entries = {content[132 + 12 * n : 136 + 12 * n].decode(): 132 + 12 * n for n in range(count)}
    red, blue = entries["rXYZ"], entries["bXYZ"]
    content[red + 4 : red + 12], content[blue + 4 : blue + 12] = (
        content[blue + 4 : blue + 12],
        content[red + 4 : red + 12],
    )
    return bytes(content)


def as_upload(content: bytes, name: str = "photo.jpg") -> FileStorage:
    """A file as a view gets it."""
    return FileStorage(io.BytesIO(content), filename=name)
