"""The JSON API: `/api/v1/programmes.json`, a file per programme, and the OpenAPI 3.1 description `/api/v1/openapi.json`.

`reference/api_models.py` describes each key. A test compares the files and the description with those models.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from site_src.instants import utc_text
from site_src.quota.decision import LinkShown
from site_src.quota.status import ProgrammeStatus
from site_src.render.surfaces import paths
from site_src.site.model import Site

SCHEMA_VERSION = "1.0"


def api_files(site: Site) -> dict[str, bytes]:
    """Returns the files of the API by path, except `openapi.json`."""
    head = {"schemaVersion": SCHEMA_VERSION, "preview": bool(site.preview)}
    programmes = {id: _programme(site, status) for id, status in site.programmes.items()}
    files = {paths.PROGRAMMES: _json({**head, "programmes": list(programmes.values())})}
    for id, programme in programmes.items():
        files[paths.programme_resource(id)] = _json({**head, **programme})
    return {path.strip("/"): data for path, data in files.items()}


def _json(document: object) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def _programme(site: Site, status: ProgrammeStatus) -> dict[str, Any]:
    def addresses(place: Callable[[str, str], str]) -> dict[str, str]:
        return {code: site.base_url + place(code, status.id) for code in site.languages}

    fact = status.facts.get("places_per_year")
    period = next(iter(status.next_registration_periods), None)
    return {
        "id": status.id,
        "names": {code: status.names[code] for code in site.languages},
        "scheme": status.scheme,
        "timeZone": status.time_zone,
        "state": status.state,
        "acceptingRequests": isinstance(status.link, LinkShown),
        "since": _moment(status.since),
        "placesAvailable": status.places,
        "placesPerYear": fact.value if fact and isinstance(fact.value, int) else None,
        "scheduledOpening": _moment(status.opens),
        "nextRegistrationPeriod": {
            "date": period.begins.isoformat(),
            "certainty": period.certainty,
            "timeZone": site.time_zone,
        }
        if period
        else None,
        "conversationStarter": dict(status.link.addresses) if isinstance(status.link, LinkShown) else None,
        "pages": addresses(lambda code, programme: site.page(code, programme).route),
        "feeds": addresses(paths.feed),
        "calendars": addresses(paths.calendar),
        "embeds": addresses(paths.embed),
        "history": [
            {
                "state": change.state,
                "since": _moment(change.since),
                "placesAvailable": change.places,
                "correctedAt": _moment(change.corrected),
            }
            for change in status.changes
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None


DESCRIPTION = Path(__file__).with_name("openapi.json")


def openapi_file(site: Site) -> dict[str, bytes]:
    """Returns `openapi.json`, the description of this site's API, by its path."""
    language = site.languages[site.default_language]
    data = _describe(language.title, language.organisation, site.base_url, tuple(site.programmes))
    return {paths.OPENAPI.strip("/"): data}


@lru_cache(maxsize=4)
def _describe(title: str, organisation: str, base_url: str, programmes: tuple[str, ...]) -> bytes:
    description = json.loads(DESCRIPTION.read_bytes())
    description["info"]["title"] = f"{title}: programmes"
    description["info"]["contact"] = {"name": organisation, "url": base_url}
    description["servers"] = [{"url": base_url + paths.API}]
    (programme,) = description["paths"]["/programmes/{id}.json"]["parameters"]
    programme["schema"]["enum"] = list(programmes)
    return dump_description(description)


def dump_description(description: object) -> bytes:
    """Returns the description in the form in which it is published and stored: JSON, indented by one space per level."""
    return (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode()
