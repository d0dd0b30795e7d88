"""Sets up Jinja with its filters and its cache of compiled templates, and reads the static files that pages load."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, MappingProxyType
from typing import Any

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

from site_src.cache import digest, fingerprint
from site_src.problems import InputRefused, Problem
from site_src.read.input_keys import RegistrationPeriod
from site_src.site.formats import LocaleFormats
from site_src.site.model import Language

# The folder that contains the current `templates/` and `static/`. Each release keeps a copy of both: its `design`.
_HERE = Path(__file__).parent
# Jinja's compiled code depends on these options.
_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
    }
)


class _Compiled(BytecodeCache):
    """Compiled templates in the memory of this process, and in `folder` if it is not None."""

    def __init__(self, folder: str | None) -> None:
        self._disk = FileSystemBytecodeCache(folder) if folder else None

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 -- Jinja passes it
        """Returns a digest of the template's name, the options, this module, and the versions of Jinja and Python.

        Code depends on these and on the source, which Jinja itself compares. Jinja's own key covers only the name and the
        path, and computing it fails if the path is not UTF-8.
        """
        options = (f"{option}={value!r}" for option, value in _OPTIONS.items())
        return digest(name, fingerprint(__name__, libraries=("jinja2", "markupsafe")), *options)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Sets the bucket's code if that is in memory or on the disk."""
        bucket.code = _CODE.get((bucket.key, bucket.checksum))
        if bucket.code is None and self._disk:
            self._disk.load_bytecode(bucket)
            if bucket.code is not None:
                _CODE[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Stores the bucket's code in memory and on the disk."""
        if bucket.code is not None:
            _CODE[bucket.key, bucket.checksum] = bucket.code
        if self._disk:
            self._disk.dump_bytecode(bucket)


# Code by the key and the checksum of its source. An environment is made for each part of a site, and reading the code from the disk
# takes longer than rendering a page.
_CODE: dict[tuple[str, str], CodeType] = {}


def environment(design: Path | None = None) -> Environment:
    """Returns the templates of `design`. The templates escape every value, and an undefined name raises an error."""
    loader = FileSystemLoader((design or _HERE) / "templates")
    templates = Environment(loader=loader, bytecode_cache=_bytecode_cache(), autoescape=True, **_OPTIONS)
    templates.filters["filled"] = _filled
    templates.filters["either"] = _either
    templates.filters["reasons"] = _reasons
    templates.filters["leaving_frame"] = _leaving_frame
    return templates


def _bytecode_cache() -> BytecodeCache:
    """Returns the cache of compiled templates, which is on the disk beside Python's compiled modules.

    If Python writes no compiled modules, the cache is in memory. Without a cache, most of the rendering time would go into
    compiling.
    """
    folder = _HERE / "__pycache__"
    writes = not sys.dont_write_bytecode and os.access(folder, os.W_OK)
    return _Compiled(str(folder) if writes else None)


@contextmanager
def report_template_errors(design: Path | None = None) -> Iterator[None]:
    """Turns an error in a template into InputRefused with the file and line, because people edit templates as they do content."""
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
        message = f"is not a valid template: {str(error) or type(error).__name__}."
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
    """Fills in the placeholders of a label. The label is escaped, and values that are not `Markup` are escaped too."""
    return escape(label).format(**values)


def _reasons(periods: Iterable[RegistrationPeriod], language: Language) -> Iterator[str]:
    """Yields the reason for each expected period in the language, or a general label if the period has no reason."""
    return (period.reason.get(language.code, language.labels.expected_reason) for period in periods)


def _either(parts: Iterable[Markup], formats: LocaleFormats) -> Markup:
    """Returns the parts joined as alternatives in the language, such as `one or the other`."""
    parts = tuple(parts)
    return escape(formats.alternatives(len(parts))).format(*parts)


def _leaving_frame(html: str) -> str:
    """Returns the HTML with links that open in the whole window, because the site's pages may not be shown in a frame."""
    return html.replace("<a ", '<a target="_top" ')


def static_files(design: Path | None = None) -> dict[str, bytes]:
    """Maps the name of each static file of the design to its bytes."""
    return {file.name: file.read_bytes() for file in sorted(((design or _HERE) / "static").iterdir())}


def name_asset(name: str, data: bytes) -> str:
    """Returns the published name. It contains a hash of the bytes, so browsers can keep the file permanently."""
    file = Path(name)
    return f"{file.stem}.{hashlib.sha256(data).hexdigest()[:12]}{file.suffix}"
