"""Reads single files of a tree as text, YAML, records or Markdown with front matter, and adds every problem to one report."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import normalize

from site_src.problems import Problem, Report
from site_src.read.front_matter import FrontMatterFile, split_front_matter
from site_src.read.records import Record, RecordType, validate
from site_src.read.text import decode_text, find_lost_text
from site_src.read.tree import Tree
from site_src.read.yaml import Document, parse_yaml

# More than a site of 10,000 pages has.
_KNOWN_FILES = 16384


class Reader:
    """Reads files of `tree`. `report` collects their problems; `documents` contains each YAML file that could be parsed."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.report = Report()
        self.documents: dict[str, Document] = {}

    def read_text(self, path: str) -> str | None:
        """Returns the file's text. If it cannot be read, adds a problem to the report and returns None."""
        data = self.tree.files.get(path)
        if data is None:
            self.report.add(self.tree.explain_absence(path))
            return None
        return decode_text(path, data, self.report)

    def read_record(self, path: str, model: type[RecordType]) -> RecordType | None:
        """Returns the YAML file as a `model`. If it is not valid, adds problems to the report and returns None."""
        data = self.tree.files.get(path)
        if data is None:
            self.report.add(self.tree.explain_absence(path))
            return None
        document, record, problems = _read_record(path, data, model)
        self.report.add(*problems)
        if document is not None:
            self.documents[path] = document
        return record if isinstance(record, model) else None

    def read_markdown(self, path: str) -> FrontMatterFile | None:
        """Returns the two parts of the Markdown file. If it cannot be split, adds problems to the report and returns None."""
        data = self.tree.files.get(path)
        if data is None:
            self.report.add(self.tree.explain_absence(path))
            return None
        parts, problems = _read_markdown(path, data)
        self.report.add(*problems)
        return parts


# The preview and a resident publisher read all files again after each save, and most are unchanged. The cached results are immutable.
@lru_cache(maxsize=_KNOWN_FILES)
def _read_record(
    path: str, data: bytes, model: type[Record]
) -> tuple[Document | None, Record | None, tuple[Problem, ...]]:
    report = Report()
    text = decode_text(path, data, report)
    document = None if text is None else parse_yaml(normalize("NFC", text), path, report)
    if text is None or document is None:
        return None, None, report.problems
    if lost := find_lost_text(text.split("\n"), path):
        return None, None, (*report.problems, *lost)
    record = validate(model, document, report)
    return document, record, report.problems


@lru_cache(maxsize=_KNOWN_FILES)
def _read_markdown(path: str, data: bytes) -> tuple[FrontMatterFile | None, tuple[Problem, ...]]:
    report = Report()
    text = decode_text(path, data, report)
    parts = None if text is None else split_front_matter(normalize("NFC", text), path, report)
    return parts, report.problems
