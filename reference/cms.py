"""Generates the configuration of Sveltia CMS, with which editors change pages, notices and facts in the browser.

The fields come from the models with which `check` reads the files. The languages and facts come from `content/`. The CMS
checks each value as the models do. `check` finds all other mistakes when the change is proposed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from reference.schemas import ROOT, describe
from site_src.builder import Builder
from site_src.read.content import Content
from site_src.read.input_keys import Fact, NoticeMeta, PageMeta
from site_src.read.records import Record
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.read.tree import load_tree

CONFIGURATION = ROOT / "deploy" / "cms" / "config.yml"
# The CMS saves texts to this branch, never to main. They reach main with a pull request, for which `check` and the review run.
DRAFTS = "drafts"
_NOT_BLANK = [r"\S", "Write some text."]
_DAY = {"widget": "datetime", "format": "YYYY-MM-DD", "date_format": "YYYY-MM-DD", "time_format": False}


def make_configuration(content: Content, repository: str) -> dict[str, Any]:
    """Returns the configuration for `content`. `repository` is `owner/name` on GitHub; the CMS saves to its branch DRAFTS."""
    return {
        "backend": {"name": "github", "repo": repository, "branch": DRAFTS},
        "media_folder": "content/images",
        "slug": {"encoding": "ascii", "clean_accents": True},
        # The models do not accept empty keys. With quotes, each text stays on one line, and a date is a text.
        "output": {"omit_empty_optional_fields": True, "yaml": {"quote": "double"}},
        "collections": [
            collection
            for language in content.settings.languages
            for collection in (_pages(language), _notices(language))
        ]
        + [{"name": "facts", "label": "Facts", "files": list(_fact_files(content))}],
    }


def make_text(configuration: Mapping[str, Any]) -> str:
    """Returns the text of the configuration file, in JSON, which is valid YAML."""
    return (
        "# Made by `make cms` from the models and content/; do not edit.\n"
        + json.dumps(configuration, ensure_ascii=False, indent=1)
        + "\n"
    )


def _pages(language: str) -> dict[str, Any]:
    return {
        "name": f"pages_{language}",
        "label": f"Pages ({language})",
        "folder": f"content/{language}",
        "extension": "md",
        "format": "yaml-frontmatter",
        "create": True,
        "fields": [*_fields(PageMeta), _body()],
    }


def _notices(language: str) -> dict[str, Any]:
    return {
        "name": f"notices_{language}",
        "label": f"Notices ({language})",
        "folder": f"content/{language}/_notices",
        "extension": "md",
        "format": "yaml-frontmatter",
        "create": False,
        "delete": False,
        "fields": [*_fields(NoticeMeta), _body()],
    }


def _body() -> dict[str, Any]:
    # Plain text: a rich-text editor would change the Markdown that was typed, and does not support [[tokens]].
    return {"name": "body", "label": "text", "widget": "text", "pattern": _NOT_BLANK}


def _fact_files(content: Content) -> Iterator[dict[str, Any]]:
    facts: dict[str, tuple[str, Mapping[str, Fact]]] = {
        SETTINGS_FILE: ("Every programme", content.settings.facts)
    }
    for id, programme in content.programmes.items():
        facts[f"{PROGRAMMES}/{id}.yaml"] = (
            programme.names[content.settings.default_language],
            programme.facts,
        )
    for path, (label, named) in facts.items():
        groups = [
            {"name": name, "label": name, "widget": "object", "fields": list(_fact_fields(fact))}
            for name, fact in named.items()
        ]
        yield {
            "name": Path(path).stem,
            "label": label,
            "file": path,
            "fields": [{"name": "facts", "label": "facts", "widget": "object", "fields": groups}],
        }


def _fact_fields(fact: Fact) -> Iterator[dict[str, Any]]:
    """Yields the fields of a fact: those of a single value or those of several values, depending on the fact's present form."""
    unused = {"value", "valid_from"} if fact.values else {"values"}
    sample = fact.values[0].value if fact.values else fact.value
    for field in _fields(Fact, sample):
        if field["name"] not in unused:
            # `value` and `valid_from` are required if there are no `values`. The schema of the model cannot express this.
            yield field | ({"required": True} if field["name"] in ("value", "valid_from", "values") else {})


def _fields(model: type[Record], sample: Any = None) -> Iterator[dict[str, Any]]:
    """Yields a field for each key of the model. `sample` is a value of the fact, and decides the type of its field."""
    schema = describe(model)
    for name, key in schema["properties"].items():
        yield _field(name, key, schema, sample) | {"required": name in schema.get("required", ())}


def _field(name: str, key: Mapping[str, Any], schema: Mapping[str, Any], sample: Any) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "label": name, "hint": key.get("description", "")}
    if "anyOf" in key:
        return field | _figure(sample)
    if key["type"] == "array" and "$ref" in key["items"]:
        nested = schema["$defs"][key["items"]["$ref"].rpartition("/")[2]]
        fields = [
            _field(inner, described, schema, sample) | {"required": inner in nested.get("required", ())}
            for inner, described in nested["properties"].items()
        ]
        return field | {"widget": "list", "fields": fields}
    if key.get("format") == "date":
        return field | _DAY
    pattern = [key["pattern"], key["title"]] if "pattern" in key else _NOT_BLANK
    widgets: dict[str, dict[str, Any]] = {
        "string": {"widget": "string", "pattern": pattern},
        "integer": {"widget": "number", "value_type": "int"},
        "boolean": {"widget": "boolean", "default": False},
        "array": {"widget": "list"},
    }
    return field | widgets[key["type"]]


def _figure(sample: Any) -> dict[str, Any]:
    if isinstance(sample, str):
        return {"widget": "string", "pattern": _NOT_BLANK}
    return {"widget": "number", "value_type": "float" if isinstance(sample, Decimal) else "int"}


def main(repository: str) -> int:
    """Writes the configuration for the repository `owner/name`, and prints the file's path."""
    content = Builder().read(load_tree(ROOT)).inputs().manuscript.content
    CONFIGURATION.write_text(make_text(make_configuration(content, repository)), encoding="utf-8")
    print(CONFIGURATION)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
