"""Records the links and pictures of a converted text before the cleaning (`Inventory`), and names the rows of tables."""

from __future__ import annotations

from xml.etree import ElementTree

from markdown.treeprocessors import Treeprocessor

from site_src.convert.markup import PICTURE_END, PICTURE_MIDDLE, PICTURE_START, ShownPicture


def _mark_picture(element: ElementTree.Element) -> ShownPicture:
    """Replaces the picture with a `<span>` of marked text, which survives the cleaning. Returns the picture.

    `fill` replaces the span with the HTML of the picture.
    """
    picture = ShownPicture(element.get("src", ""), element.get("alt", ""), "title" in element.attrib)
    element.tag = "span"
    element.text = f"{PICTURE_START}{picture.alt}{PICTURE_MIDDLE}{picture.name}{PICTURE_END}"
    element.attrib.clear()
    return picture


class Inventory(Treeprocessor):
    """Records links and pictures before the cleaning changes them. Replaces the style of a table column with a class."""

    links: set[str]
    pictures: set[ShownPicture]

    def run(self, root: ElementTree.Element) -> None:
        """Records links and pictures, and replaces styles. The library calls this method with the whole converted text."""
        for element in root.iter():
            if element.tag == "a":
                self.links.add(element.get("href", ""))
            elif element.tag == "img":
                self.pictures.add(_mark_picture(element))
            elif element.tag in ("td", "th"):
                style = element.attrib.pop("style", "")
                if style.startswith("text-align: ") and "left" not in style:
                    element.set("class", style.removeprefix("text-align: ").rstrip("; "))
            elif element.tag == "tbody":
                _name_rows(element)


def _name_rows(body: ElementTree.Element) -> None:
    """Makes the first cell of each row the row's header."""
    for row in body:
        if len(row) > 1 and "".join(row[0].itertext()).strip():
            row[0].tag = "th"
            row[0].set("scope", "row")
