"""Rewrites an SVG picture with only the allowed elements, attributes and colours. Nothing else of the file is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

_SVG = "http://www.w3.org/2000/svg"
MAX_ELEMENTS = 20_000
_ELEMENTS = frozenset("circle ellipse g line path polygon polyline rect svg text tspan".split())
# These elements are left out with their content, because they draw nothing.
_INVISIBLE = frozenset("desc metadata title".split())
_NUMBERS = frozenset(
    "cx cy d dx dy height points r rotate rx ry textLength transform viewBox width x x1 x2 y y1 y2".split()
)
_PAINT = frozenset(
    "clip-rule dominant-baseline fill fill-opacity fill-rule font-family font-size font-style font-weight letter-spacing opacity "
    "paint-order stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity "
    "stroke-width text-anchor visibility word-spacing".split()
)
_HIDING = frozenset({"display"})
# Numbers, commands of paths, names of transformations, colours and fonts; never a colon, a backslash, or "url(".
_VALUE = re.compile(r"(?!.*url\s*\()[\w\s.,()#%+\-'\"]*", re.ASCII | re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(?:px)?\s*", re.ASCII)


class UnusableDrawing(Exception):
    """Raised for a file that cannot become a picture. Has the line, and a message that says what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def redraw(data: bytes) -> tuple[int, int, bytes]:
    """Returns the width, the height and the clean SVG file. Raises UnusableDrawing.

    Refuses unknown elements, because leaving one out would change the picture. Leaves out comments, attributes other than
    numbers and paint, and everything in the XML namespaces of drawing programs.
    """
    return _Redrawing().run(data)


class _Redrawing:
    """The state while one file is read."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._out: list[str] = []
        self._open: list[str] = []
        self._skipping = self._count = 0
        self._size: tuple[int, int] | None = None

    def run(self, data: bytes) -> tuple[int, int, bytes]:
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._text, self._refuse_doctype
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            message = f"is not an SVG file: {expat.errors.messages[error.code]}. Save it again as plain SVG."
            raise UnusableDrawing(error.lineno, message) from None
        except (LookupError, ValueError):
            raise UnusableDrawing(1, "is not UTF-8 text. Save it as plain SVG in UTF-8.") from None
        if self._size is None:
            raise self._fault('has no size. Give <svg> a "viewBox", or "width" and "height" in pixels.', 1)
        return *self._size, f"{''.join(self._out)}\n".encode()

    def _fault(self, message: str, line: int | None = None) -> UnusableDrawing:
        return UnusableDrawing(line or self._parser.CurrentLineNumber, message)

    def _refuse_doctype(self, *_: object) -> None:
        raise self._fault(
            "has a document type (<!DOCTYPE …>), which could define hidden text. Delete that line."
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self._skipping or (space != _SVG and self._open) or local in _INVISIBLE:
            self._skipping += 1
            return
        if not self._open and (space, local) != (_SVG, "svg"):
            raise self._fault(f'does not begin with <svg xmlns="{_SVG}">. Save it as plain SVG.')
        if local == "defs":
            raise self._fault(
                "has <defs>: gradients, symbols and styles are not published. Save it as plain SVG with plain colours, or as PNG."
            )
        if local not in _ELEMENTS or (local == "svg" and self._open):
            raise self._fault(
                f"has <{local}>, but only shapes and text are published. Convert it to shapes, or save the picture as PNG."
            )
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise self._fault(f"has more than {MAX_ELEMENTS} shapes. Save the picture as PNG.")
        kept = dict(self._clean(attributes))
        if not self._open:
            self._size, kept = self._measure(kept)
        self._open.append(local)
        written = "".join(f" {key}={quoteattr(value)}" for key, value in sorted(kept.items()))
        self._out.append(f"<{local}{f' xmlns={quoteattr(_SVG)}' if len(self._open) == 1 else ''}{written}>")

    def _clean(self, attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
        style = (part.partition(":") for part in attributes.get("style", "").split(";"))
        declared = {name.strip(): value.strip() for name, _, value in style}
        # A declaration in "style" overrides the attribute with the same name (CSS).
        paint = {**attributes, **{name: declared[name] for name in declared.keys() & (_PAINT | _HIDING)}}
        for name, value in paint.items():
            if name not in _NUMBERS | _PAINT | _HIDING:
                continue
            if not _VALUE.fullmatch(value):
                raise self._fault(
                    f'has {name}="{value[:40]}", but only plain numbers, colours and fonts are published. Choose a plain colour, or save the picture as PNG.'
                )
            yield name, value

    def _measure(self, kept: dict[str, str]) -> tuple[tuple[int, int] | None, dict[str, str]]:
        """Returns the size in pixels (None if there is none) and the attributes with a `viewBox`, which allows scaling."""
        box = re.split(r"[\s,]+", kept.get("viewBox", "").strip())
        sides = [
            match and float(match[1])
            for match in (_LENGTH.fullmatch(kept.get(side, "")) for side in ("width", "height"))
        ]
        try:
            numbers = [float(part) for part in box] if len(box) == 4 else []
        except ValueError:
            raise self._fault(
                'has a "viewBox" that is not four numbers. Save it again as plain SVG.'
            ) from None
        width, height = (sides[0], sides[1]) if all(sides) else numbers[2:] or (None, None)
        if not width or not height or not (1 <= width <= 100_000 and 1 <= height <= 100_000):
            return None, kept
        if not numbers:
            kept["viewBox"] = f"0 0 {width:g} {height:g}"
        size = round(width) or 1, round(height) or 1
        return size, {**kept, "width": str(size[0]), "height": str(size[1])}

    def _end(self, _: str) -> None:
        if self._skipping:
            self._skipping -= 1
        else:
            self._out.append(f"</{self._open.pop()}>")

    def _text(self, text: str) -> None:
        if not self._skipping and self._open[-1:] in (["text"], ["tspan"]):
            self._out.append(escape(text))
