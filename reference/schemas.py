"""Generates a JSON Schema for each kind of YAML file. Text editors use it to complete keys and mark mistakes.

The schemas come from the models with which `check` reads the files. They are less strict: only `check` finds mistakes that
depend on other files or entries, such as a missing language or the wrong order of events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from site_src.quota.event_keys import Entry
from site_src.read.input_keys import Programme, Settings
from site_src.read.labels import Labels
from site_src.read.records import Record
from site_src.read.values import SLUG

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "schemas"


class _Generator(GenerateJsonSchema):
    """Generates schemas without automatic titles, and without null, because a key without a value is left out of a file."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> dict[str, Any]:
        keys = self.generate_inner(schema["keys_schema"])
        values = self.generate_inner(schema["values_schema"])
        if "pattern" not in keys:
            return {"type": "object", "additionalProperties": values}
        return {
            "type": "object",
            "patternProperties": {keys["pattern"]: values},
            "additionalProperties": False,
        }


def describe(model: type[Record]) -> dict[str, Any]:
    """Returns the JSON Schema of a model. Its nested models are below `$defs`."""
    return model.model_json_schema(schema_generator=_Generator)


def make_schemas() -> Mapping[str, str]:
    """Maps each file name in `schemas/` to the text of the schema."""
    return {
        "quota_state.json": _text("quota_state.yaml", _quota_log()),
        "site.json": _text("content/site.yaml", describe(Settings)),
        "programme.json": _text("content/programmes/<programme>.yaml", describe(Programme)),
        "labels.json": _text("content/<language>/_labels.yaml", describe(Labels)),
    }


def _quota_log() -> dict[str, Any]:
    entry = describe(Entry)
    only_with_places_available = {
        "if": {"required": ["places"]},
        "then": {"properties": {"state": {"const": "places_available"}}},
    }
    return {
        "description": "The quota log: for each programme a list of events, the oldest first.",
        "type": "object",
        "patternProperties": {
            f"^{SLUG.pattern}$": {"type": "array", "minItems": 1, "items": entry | only_with_places_available}
        },
        "additionalProperties": False,
    }


def _text(title: str, schema: Mapping[str, Any]) -> str:
    # Text editors fully support draft 7 for YAML files.
    whole = {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "title": title}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
