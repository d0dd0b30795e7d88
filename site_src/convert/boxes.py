"""Converts boxes with a title: a quotation whose first line is `[!NOTE]`, `[!TIP]`, `[!IMPORTANT]` or `[!WARNING]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

import markdown
from markdown.blockprocessors import BlockQuoteProcessor
from markdown.util import AtomicString

from site_src.convert.markup import BOX_KINDS

# A private-use character. Inputs must not contain it, so only the converter can make a box.
_MADE = "\ue002"
_MARK = re.compile(rf"(?:^|\n) {{0,3}}> ?\[!({'|'.join(BOX_KINDS)})\][ \t]*(?=\n)", re.IGNORECASE)
_QUOTED = re.compile(r" {0,3}>")


class Boxes(BlockQuoteProcessor):
    """Makes the boxes. `titles` maps each kind to its title in the language of the text."""

    def __init__(self, converter: markdown.Markdown, titles: Mapping[str, str]) -> None:
        self._titles = titles
        super().__init__(converter.parser)
        converter.parser.blockprocessors.register(self, "box", 21)  # before quotations

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        """Returns True if the block contains the first line of a box. A marker inside a quotation does not count."""
        return bool(_find(block)) and super().test(parent, block)

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        """Adds the text above the box in the same block to `parent`, then the box."""
        block = blocks.pop(0)
        mark = _find(block)
        if mark is None:
            raise ValueError("the block has no box")
        self.parser.parseBlocks(parent, [block[: mark.start()]])
        kind = mark[1].lower()
        box = ElementTree.SubElement(parent, "div", {"class": f"{_MADE}{kind}"})
        title = ElementTree.SubElement(ElementTree.SubElement(box, "p"), "strong")
        title.text = AtomicString(self._titles.get(kind, ""))
        text = "\n".join(self.clean(line) for line in block[mark.end() + 1 :].split("\n"))
        self.parser.state.set("blockquote")
        self.parser.parseChunk(box, text)
        self.parser.state.reset()


def show_boxes(clean: str) -> str:
    """Returns the cleaned HTML. Gives each box the role `note` and the classes of its kind, such as `box` and `box-warning`.

    The title of a box is not a heading, because readers do not look for boxes in the list of headings.
    """
    return re.sub(rf'class="{_MADE}(\w+)"', r'class="box box-\1" role="note"', clean)


def _find(block: str) -> re.Match[str] | None:
    mark = _MARK.search(block)
    above = block[: mark.start()].rpartition("\n")[2] if mark else ""
    return None if _QUOTED.match(above) else mark
