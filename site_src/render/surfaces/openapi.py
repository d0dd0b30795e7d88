"""`/api/v1/openapi.json`: the API described with OpenAPI 3.1.

The description is the file `openapi.json` beside this module; a test compares its schemas with the models of `api`.
This module fills in what depends on the site: its names, its address and its programmes.
"""

from __future__ import annotations

import json
from pathlib import Path

from site_src.render.surfaces import places
from site_src.site.model import Site

DESCRIPTION = Path(__file__).with_suffix(".json")


def openapi_file(site: Site) -> dict[str, bytes]:
    """The description of this site's API, by its path."""
    language = site.languages[site.default_language]
    description = json.loads(DESCRIPTION.read_bytes())
    description["info"]["title"] = f"{language.title}: programmes"
    description["info"]["contact"] = {"name": language.organisation, "url": site.base_url}
    description["servers"] = [{"url": site.base_url + places.API}]
    (programme,) = description["paths"]["/programmes/{id}.json"]["parameters"]
    programme["schema"]["enum"] = list(site.programmes)
    return {places.OPENAPI.strip("/"): dump_description(description)}


def dump_description(description: object) -> bytes:
    """The description as it is published and stored: JSON, indented by one space per level."""
    return (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode()
