"""Renames a page in Markdown texts and in site.yaml, so every link still leads to the same page. Never accesses the disk."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

_DESTINATION = re.compile(
    r"(?:\]\(<?|^ {0,3}\[[^\]\n]+\]:[ \t]*<?|\bhref\s*=\s*[\"']?)([^\s()<>\"'#:]+\.md)(?=[#)>\s\"']|$)",
    re.MULTILINE,
)
_IN_SETTINGS = re.compile(r"(?<=[\s\[,\"'])([a-z0-9/-]+\.md)(?=[\s\],\"'#]|$)", re.MULTILINE)
_MOVED_FROM = re.compile(r"^moved_from:[^\n]*\n(?:[ \t]*-[ \t][^\n]*\n|[ \t]+[^\n]*\n)*", re.MULTILINE)
_UPDATED = re.compile(r"^updated:", re.MULTILINE)
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


def rename_in_links(text: str, path: str, renamed: Mapping[str, str]) -> str:
    """Returns the Markdown `text` of a file with the new names of all `renamed` files in its links.

    `path` is the path of the file before the renaming. The file may itself be one of `renamed`.
    """
    new_path = renamed.get(path, path)
    folder, new_folder = (posixpath.dirname(file).removesuffix("/_notices") for file in (path, new_path))

    def mend(typed: str) -> str:
        target = posixpath.normpath(posixpath.join(folder, unquote(typed)))
        if target not in renamed and folder == new_folder:
            return typed
        return posixpath.relpath(renamed.get(target, target), new_folder)

    return _replace(text, _DESTINATION, mend)


def rename_in_settings(text: str, old: str, new: str) -> str:
    """Returns the text of `content/site.yaml` with the new name of the page's file, to which `security` may link."""
    return _IN_SETTINGS.sub(lambda found: new if found[1] == old else found[1], text)


def set_moved_from(text: str, slugs: Iterable[str]) -> str:
    """Returns the page's text with exactly these old addresses as `moved_from` in its front matter. Keeps the line endings."""
    slug_list = ", ".join(f'"{slug}"' if slug.isdecimal() else slug for slug in slugs)
    end = "\r\n" if "\r\n" in text else "\n"
    line = f"moved_from: [{slug_list}]{end}" if slug_list else ""
    if _MOVED_FROM.search(text):
        return _MOVED_FROM.sub(lambda _: line, text, count=1)
    return _UPDATED.sub(lambda found: line + found[0], text, count=1)


def _replace(text: str, pattern: re.Pattern[str], mend: Callable[[str], str]) -> str:
    """Replaces group 1 of each match outside code with the result of `mend`."""
    shown = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
    pieces, end = list[str](), 0
    for match in pattern.finditer(shown):
        pieces += text[end : match.start(1)], mend(text[match.start(1) : match.end(1)])
        end = match.end(1)
    return "".join([*pieces, text[end:]])
