"""The types of the texts in `_labels.yaml`: the placeholders in braces that each must contain, and a locale."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from site_src.read.values import Text


class Placeholders:
    """Requires a text to contain each of `names` once, in braces, and no other braces."""

    def __init__(self, *names: str) -> None:
        self._wanted = sorted(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        braces = [rf"\{{{name}\}}" for name in self._wanted]
        each = "".join(f"(?=.*{placeholder})" for placeholder in braces)
        pattern = f"^{each}({'|'.join(['[^{}]', *braces])})*$"
        return {**handler(schema), "pattern": pattern, "placeholders": self._wanted}

    def _validate(self, text: str) -> str:
        try:
            parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            parts = [("", "", "")]
        if sorted(parts, key=str) != [(name, "", None) for name in self._wanted]:
            placeholders = " and ".join(f"{{{name}}}" for name in self._wanted)
            once = "each once" if len(self._wanted) > 1 else "once"
            demand = f"must contain {placeholders} {once}, and no other"
            raise ValueError(f'"{text}" {demand if self._wanted else "must not contain"} braces.')
        return text


def _locale(name: str) -> str:
    if not _has_data(name):
        # Babel is slow to import, and needed only for an alias or an unknown name.
        import babel

        try:
            babel.Locale.parse(name, sep="-")
        except (ValueError, babel.UnknownLocaleError):
            raise ValueError(f'"{name}" is not a locale. Write one such as en-GB or nl.') from None
    return name


def _has_data(name: str) -> bool:
    """Returns True if Babel has a data file for exactly this locale. Does not import Babel."""
    babel = find_spec("babel")
    folders = (babel.submodule_search_locations if babel else None) or ()
    file = f"{name.replace('-', '_')}.dat"
    is_name = re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]+)*", name, re.ASCII)
    return bool(is_name) and any(Path(folder, "locale-data", file).is_file() for folder in folders)


Locale = Annotated[Text, AfterValidator(_locale)]
Plain = Annotated[Text, Placeholders()]
WithDate = Annotated[Text, Placeholders("date")]
WithLanguage = Annotated[Text, Placeholders("language")]
WithNumber = Annotated[Text, Placeholders("number")]
WithProgramme = Annotated[Text, Placeholders("programme")]
WithState = Annotated[Text, Placeholders("programme", "state")]
WithWhen = Annotated[Text, Placeholders("when")]
Places = Annotated[Text, Placeholders("date", "number")]
