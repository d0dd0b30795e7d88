"""Makes the HTML of a picture on a page (`<picture>`, `<img>`, size, alternative text), and lists the picture files of a site."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping

from site_src.convert.manuscript import Manuscript
from site_src.convert.published_pictures import is_decorative

_TYPES = {".webp": "image/webp"}


def picture_html(manuscript: Manuscript, base_path: str, name: str, alt: str) -> str:
    """Returns the element that shows the picture, or its alternative text if the picture cannot be shown now.

    The element contains the size of the picture, so the text around it does not move while the file loads.
    """
    picture, words = manuscript.pictures.get(name), html.escape("" if is_decorative(alt) else alt)
    if picture is None:
        return words
    *smaller, last = picture.files
    image = (
        f'<img src="{base_path}/{last}" alt="{words}" width="{picture.width}" height="{picture.height}" loading="lazy" '
        'decoding="async">'
    )
    sources = "".join(
        f'<source srcset="{base_path}/{path}" type="{_TYPES[os.path.splitext(path)[1]]}">' for path in smaller
    )
    return f"<picture>{sources}{image}</picture>" if sources else image


def picture_files(manuscript: Manuscript) -> Mapping[str, bytes]:
    """Maps the published path of each picture file that any page loads to its bytes."""
    shown = {
        picture.name
        for page in manuscript.pages.values()
        for picture in manuscript.markups[page.path].pictures
    }
    pictures = (manuscript.pictures.get(name) for name in sorted(shown))
    return {path: data for picture in pictures if picture for path, data in picture.files.items()}
