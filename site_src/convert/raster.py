"""Converts a PNG, JPEG or WebP file with Pillow to a WebP file and a JPEG or PNG file, smaller, in sRGB and without EXIF.

Decodes the file and encodes its pixels again, so nothing but pixels is published. The JPEG or PNG file shows the same
picture, for browsers without WebP. This module is slow to import. It is needed only for a picture that is not in the memo
(see `published_pictures`).
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_SIDE = 1600  # pixels of a published picture
MAX_PIXELS = 50_000_000  # of a file, before it is made smaller
MAX_FILE_SIDE = (
    20_000  # of a file: a picture that is one pixel high and millions wide needs a gigabyte of memory
)
_FORMATS = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",)}
# A JPEG file from a phone or camera with more pictures after the first one, such as a preview.
_JPEG_WITH_MORE = "MPO"
_QUALITY = 80
# The exceptions of Pillow's decoders for damaged files.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
)


class UnusablePicture(Exception):
    """Raised for a file that cannot become a picture. The message says what to do."""


def encode(data: bytes, ending: str) -> tuple[int, int, dict[str, bytes]]:
    """Returns the width, the height, and the picture's files by extension. The picture is at most MAX_SIDE pixels wide and high.

    The files contain only the pixels, upright and in sRGB: no EXIF, position, colour profile or comment. The same bytes
    and version of Pillow give the same files. Raises UnusablePicture.
    """
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which is not used, and about large pictures, which _decode refuses.
        warnings.simplefilter("ignore")
        try:
            image = _simplify(_decode(data, ending))
        except (*_DAMAGED, MemoryError, Image.DecompressionBombError):
            raise UnusablePicture(
                "is damaged or incomplete. Copy it again, or save it again in an image editor."
            ) from None
    png, jpeg = (
        _save(image, "PNG", optimize=True),
        _save(image.convert("RGB"), "JPEG", quality=_QUALITY, optimize=True, progressive=True),
    )
    # Drawings and screenshots are smaller as PNG, which keeps them exactly.
    is_drawing = len(png) <= len(jpeg)
    webp = _save(image, "WEBP", lossless=is_drawing, quality=_QUALITY, method=4)
    fallback = {".png": png} if is_drawing or image.mode == "RGBA" else {".jpg": jpeg}
    return image.width, image.height, {".webp": webp, **fallback}


def _decode(data: bytes, ending: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=tuple(_FORMATS))
    except Image.DecompressionBombError:
        raise _too_large() from None
    except UnidentifiedImageError:
        raise UnusablePicture(
            "has the name of a PNG, JPEG or WebP file, but is not such a file. Save it as one of these, or as SVG."
        ) from None
    kind = "JPEG" if image.format == _JPEG_WITH_MORE else str(image.format)
    if ending not in _FORMATS[kind]:
        raise UnusablePicture(f'is a {kind} file. Rename it so that it ends with "{_FORMATS[kind][0]}".')
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_FILE_SIDE:
        raise _too_large()
    if image.format != _JPEG_WITH_MORE and getattr(image, "n_frames", 1) > 1:
        raise UnusablePicture("is animated, and animations are not published. Save a single picture of it.")
    image.load()
    return image


def _too_large() -> UnusablePicture:
    return UnusablePicture(
        f"has more than {MAX_PIXELS // 1_000_000} million pixels, or a side of more than {MAX_FILE_SIDE:,} pixels. Make it smaller: {MAX_SIDE} pixels wide is enough."
    )


def _simplify(image: Image.Image) -> Image.Image:
    """Returns the picture upright, in sRGB with 8 bits, at most MAX_SIDE wide and high, and without any metadata."""
    image = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # grey with 16 bits
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = image.has_transparency_data
    if profile:
        image = _convert_profile(image, profile, has_alpha)
    image = image.convert("RGBA" if has_alpha else "RGB")
    if has_alpha and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return Image.frombytes(image.mode, image.size, image.tobytes())


def _convert_profile(image: Image.Image, profile: bytes, has_alpha: bool) -> Image.Image:
    """Converts the picture to sRGB. If the colour profile cannot be used, returns the picture unchanged, as browsers do."""
    if image.mode == "P":
        image = image.convert("RGBA" if has_alpha else "RGB")
    if image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _save(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()
