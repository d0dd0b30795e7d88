"""Sets up Jinja: the environment with its cache of compiled templates and its filters, and the static files that pages load."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    MemcachedBytecodeCache,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from markupsafe import Markup, escape

from site_src.cache import digest, fingerprint
from site_src.problems import InputRefused, Problem
from site_src.read.input_keys import RegistrationPeriod
from site_src.site.formats import LocaleFormats
from site_src.site.model import Language

# The folder of the current `templates/` and `static/`. A release keeps a copy of both, its `design`.
_HERE = Path(__file__).parent
# Jinja's compiled code depends on these.
_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
    }
)


class _Keyed(BytecodeCache):
    """A cache whose key covers everything that compiled code depends on, except the source, which Jinja compares itself.

    The key consists of name, options and versions. Jinja's own key consists of name and path: it does not cover the
    options, and computing it fails if the path is not UTF-8.
    """

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 -- Jinja passes it
        """Returns a digest of the template's name, the options, this module, and the versions of Jinja and Python."""
        options = (f"{option}={value!r}" for option, value in _OPTIONS.items())
        return digest(name, fingerprint(__name__, libraries=("jinja2", "markupsafe")), *options)


class _OnDisk(_Keyed, FileSystemBytecodeCache):
    """Compiled templates in a folder."""


class _InMemory(_Keyed, MemcachedBytecodeCache):
    """Compiled templates for as long as the process lives."""


class _Memory:
    """The part of a memcached client that Jinja's cache uses."""

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    def get(self, key: str) -> bytes:
        """Returns the stored value; empty bytes if there is none."""
        return self._values.get(key, b"")

    def set(self, key: str, value: bytes, timeout: int | None = None) -> None:  # noqa: ARG002 -- Jinja names it
        """Keeps the value. Ignores `timeout`, which the templates' cache does not use."""
        self._values[key] = value


_MEMORY = _Memory()


def environment(design: Path | None = None) -> Environment:
    """Returns the templates of `design`. They escape everything; an undefined name raises an error."""
    loader = FileSystemLoader((design or _HERE) / "templates")
    templates = Environment(loader=loader, bytecode_cache=_bytecode_cache(), autoescape=True, **_OPTIONS)
    templates.filters["filled"] = _filled
    templates.filters["either"] = _either
    templates.filters["reasons"] = _reasons
    templates.filters["leaving_frame"] = _leaving_frame
    return templates


def _bytecode_cache() -> BytecodeCache:
    """Returns the cache of compiled templates: on the disk beside Python's compiled modules.

    The cache is in memory if Python writes no compiled modules. Without a cache, rendering would spend most of its time
    on compiling.
    """
    folder = _HERE / "__pycache__"
    if not sys.dont_write_bytecode and os.access(folder, os.W_OK):
        return _OnDisk(str(folder))
    return _InMemory(_MEMORY)


@contextmanager
def problems_told(design: Path | None = None) -> Iterator[None]:
    """Turns an error in a template into InputRefused with its file and line, because people edit templates like content."""
    design = design or _HERE
    try:
        yield
    except (TemplateError, UnicodeDecodeError) as error:
        import traceback

        templates = design / "templates"
        places = [
            (Path(frame.filename), frame.lineno or 1)
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).parent == templates
        ]
        if isinstance(error, TemplateSyntaxError) and error.filename:
            places.append((Path(error.filename), error.lineno))
        file, line = places[-1] if places else (templates, 1)
        message = f"is not a template that can be used: {str(error) or type(error).__name__}."
        path = f"{design.name}/{file.relative_to(design).as_posix()}"
        raise InputRefused([Problem(path, line, message, "template")]) from None


def read_design(design: Path | None = None) -> dict[str, bytes]:
    """Returns the bytes of every template and static file by path, such as `templates/base.html`."""
    return {
        f"{folder}/{file.name}": file.read_bytes()
        for folder in ("templates", "static")
        for file in sorted(((design or _HERE) / folder).iterdir())
    }


def _filled(label: str, **values: object) -> Markup:
    """Fills the placeholders of a label. The values may be markup; the label itself is escaped."""
    return escape(label).format(**values)


def _reasons(periods: Iterable[RegistrationPeriod], language: Language) -> Iterator[str]:
    """Yields the reason for each expected period in the language, or a general label if it has no reason."""
    return (period.reason.get(language.code, language.labels.expected_reason) for period in periods)


def _either(parts: Iterable[Markup], formats: LocaleFormats) -> Markup:
    """Joins the parts as alternatives in the language: `one or the other`."""
    parts = tuple(parts)
    return escape(formats.alternatives(len(parts))).format(*parts)


def _leaving_frame(html: str) -> str:
    """Makes the links in the clean HTML open in the whole window, because other pages of the site may not be framed."""
    return html.replace("<a ", '<a target="_top" ')


def static_files(design: Path | None = None) -> dict[str, bytes]:
    """Maps the name of each static file of the design to its bytes."""
    return {file.name: file.read_bytes() for file in sorted(((design or _HERE) / "static").iterdir())}


def name_asset(name: str, data: bytes) -> str:
    """Returns the published name, which contains a hash of the bytes, so that browsers can keep the file forever."""
    file = Path(name)
    return f"{file.stem}.{hashlib.sha256(data).hexdigest()[:12]}{file.suffix}"
