"""`/api/v1/openapi.json`: the API described after OpenAPI 3.1, with the schemas of the models that wrote its files."""

from __future__ import annotations

import json
from typing import Any

from site_src.memo import Recall, code_of
from site_src.render.surfaces import api, places
from site_src.site.model import Site

_VERSION = f"{api.SCHEMA_VERSION}.0"
_ABOUT = (
    "Whether pre-registration is possible now, for each programme. These are static files: there is nothing to send, no key, and no "
    "limit but courtesy. Ask again at most every few seconds; each answer carries an ETag. A state that you do not "
    "know means that no request is accepted."
)


def openapi_file(site: Site, recall: Recall) -> dict[str, bytes]:
    """The description's file by path."""
    facts = {
        "servers": [{"url": site.base_url + places.API}],
        "organisation": site.languages[site.default_language].organisation,
        "title": site.languages[site.default_language].title,
        "programmes": list(site.programmes),
    }
    follows_from = json.dumps(facts) + code_of(__file__, api.__file__)
    text = recall(follows_from, lambda: json.dumps(_description(facts), indent=1, ensure_ascii=False) + "\n")
    return {places.OPENAPI.strip("/"): text.encode()}


def _description(facts: dict[str, Any]) -> dict[str, Any]:
    # Slow to import, and needed only when the models or the site's name changed.
    from pydantic.json_schema import models_json_schema

    _, schemas = models_json_schema(
        [(api.ProgrammesDocument, "serialization"), (api.ProgrammeDocument, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    for schema in schemas["$defs"].values():
        # Taken from docstrings, which Python leaves out when it is asked to: the same inputs, the same bytes.
        schema.pop("description", None)
    id = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": facts["programmes"]},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{facts['title']}: programmes",
            "version": _VERSION,
            "description": _ABOUT,
            "contact": {
                "name": facts["organisation"],
                "url": facts["servers"][0]["url"].removesuffix(places.API),
            },
        },
        "servers": facts["servers"],
        "tags": [{"name": "programmes", "description": "The programmes and their state."}],
        "paths": {
            "/programmes.json": {
                "get": _operation("listProgrammes", "All programmes.", "ProgrammesDocument")
            },
            "/programmes/{id}.json": {
                "parameters": [id],
                "get": _operation("getProgramme", "One programme.", "ProgrammeDocument", missing=True),
            },
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(name: str, summary: str, schema: str, *, missing: bool = False) -> dict[str, Any]:
    found = {
        "description": summary,
        "headers": {
            "API-Version": {"description": "The version of this API.", "schema": {"const": _VERSION}}
        },
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
    absent = {"404": {"description": "There is no such programme. The answer is a page for people."}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["programmes"],
        "responses": {"200": found, **(absent if missing else {})},
    }
