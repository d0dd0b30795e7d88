"""The templates' environment, and the static files that pages load."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from site_src.problems import InputRefused, Problem

_HERE = Path(__file__).parent


class _KeyedByName(BytecodeCache):
    """A cache for the templates of one folder. Jinja also puts the path into the key, and fails where that is not UTF-8."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002
        """A digest of the template's name."""
        return super().get_cache_key(name)


class _FileBytecodeCache(_KeyedByName, FileSystemBytecodeCache):
    """Compiled templates in a folder."""


class _ProcessBytecodeCache(_KeyedByName):
    """Compiled templates for as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket, unless the template's source is another one now."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what the bucket has."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_KEPT_BY_THIS_PROCESS = _ProcessBytecodeCache()


def environment() -> Environment:
    """Escapes everything, and refuses a name that is not there instead of printing nothing."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_bytecode_cache(),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["filled"] = _filled
    templates.filters["leaving_frame"] = _leaving_frame
    return templates


def _bytecode_cache() -> BytecodeCache:
    """Compiled templates beside Python's own compiled modules; Jinja compares their source before it uses one.

    Without it, most of the time that rendering takes goes into compiling. Where Python keeps none on the disk, nor do we.
    """
    folder = _HERE / "__pycache__"
    writable = not sys.dont_write_bytecode and os.access(folder, os.W_OK)
    return _FileBytecodeCache(str(folder)) if writable else _KEPT_BY_THIS_PROCESS


@contextmanager
def problems_told() -> Iterator[None]:
    """Turns what is wrong with a template into InputRefused, with its file and line: it is edited like content."""
    try:
        yield
    except TemplateError as error:
        import traceback

        templates = _HERE / "templates"
        places = [
            (Path(frame.filename), frame.lineno or 1)
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).parent == templates
        ]
        if isinstance(error, TemplateSyntaxError) and error.filename:
            places.append((Path(error.filename), error.lineno))
        file, line = places[-1] if places else (templates, 1)
        message = f"is not a template that can be used: {error.message or type(error).__name__}."
        path = f"{_HERE.name}/{file.relative_to(_HERE).as_posix()}"
        raise InputRefused([Problem(path, line, message, "template")]) from None


def sources() -> Mapping[str, bytes]:
    """What stands in the templates now, by their names."""
    return {file.name: file.read_bytes() for file in sorted((_HERE / "templates").iterdir())}


def _filled(label: str, **values: object) -> Markup:
    """A label with its placeholders filled; what is filled in may be markup, the label itself never is."""
    return escape(label).format(**values)


def _leaving_frame(html: str) -> str:
    """The clean HTML with links that open in the whole window: our pages refuse to be shown inside another's."""
    return html.replace("<a ", '<a target="_top" ')


def assets(more: Mapping[str, bytes]) -> Mapping[str, tuple[str, bytes]]:
    """The published name and bytes of each static file, and of `more` by name.

    The published name carries a hash of the bytes, so that browsers can keep the file for ever.
    """
    static = {file.name: file.read_bytes() for file in sorted((_HERE / "static").iterdir())}
    files = {}
    for name, data in {**static, **more}.items():
        file = Path(name)
        files[name] = (f"{file.stem}.{hashlib.sha256(data).hexdigest()[:12]}{file.suffix}", data)
    return files
