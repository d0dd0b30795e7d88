"""Describes a programme for search engines: a schema.org GovernmentService as JSON-LD, which is data and not a script.

The data contains the times at which requests are accepted, and links to the programme's page. It never contains the
conversation starter, because search engines keep copies after the link is hidden.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from markupsafe import Markup

from site_src.quota.decision import LinkShown
from site_src.quota.status import ProgrammeStatus
from site_src.site.model import Language, Page, Site
from site_src.states import STATES_WITH_LINK, State

_VOCABULARY = "https://schema.org"
# Browsers do not decode entities inside <script>, so characters that could end it or begin a tag become JSON escapes.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def structured_data(site: Site, language: Language, page: Page) -> Markup:
    """Returns the `<script>` element for the programme's own page, or "" for other pages and for untranslated pages."""
    if page.programme is None or page.slug != page.programme or page.language != page.source_language:
        return Markup()
    text = json.dumps(_service(site, language, page), ensure_ascii=False, separators=(",", ":"))
    # The escaped text contains no markup.
    return Markup(f'<script type="application/ld+json">{text.translate(_ESCAPES)}</script>')  # noqa: S704


def _service(site: Site, language: Language, page: Page) -> dict[str, Any]:
    status = site.programmes[page.slug]
    return {
        "@context": _VOCABULARY,
        "@type": "GovernmentService",
        "name": page.title,
        "description": page.description,
        "url": site.base_url + page.route,
        "provider": {"@type": "GovernmentOrganization", "name": language.organisation},
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceUrl": site.base_url + page.route,
            "availableLanguage": list(page.translations),
        },
        "offers": _offers(status),
    }


def _offers(status: ProgrammeStatus) -> list[dict[str, str]]:
    """Returns an offer for the present or the last opening, and one for each known future opening. Leaves out days that are
    only expected.
    """
    offers = []
    if status.since and isinstance(status.link, LinkShown):
        offers.append(_offer("InStock", availabilityStarts=status.since.isoformat()))
    elif status.state is not State.UNCONFIRMED and (ended := _end_of_last_opening(status)):
        availability = "SoldOut" if status.state is State.QUOTA_REACHED else "OutOfStock"
        offers.append(_offer(availability, availabilityEnds=ended.isoformat()))
    if status.opens:
        offers.append(_offer(availabilityStarts=status.opens.isoformat()))
    elif status.state in (State.UPCOMING, State.QUOTA_REACHED):
        # The vocabulary has no term for an expected day, so only confirmed days are given.
        confirmed = [period for period in status.next_registration_periods if period.certainty == "confirmed"]
        offers += [_offer(availabilityStarts=period.begins.isoformat()) for period in confirmed]
    return offers


def _end_of_last_opening(status: ProgrammeStatus) -> datetime | None:
    """Returns the time at which the link was last hidden, or None if the link was never shown."""
    ended = None
    for change in status.lasting_changes:
        if change.state in STATES_WITH_LINK:
            return ended
        ended = change.since
    return None


def _offer(availability: str = "", **dates: str) -> dict[str, str]:
    known = {"availability": f"{_VOCABULARY}/{availability}"} if availability else {}
    return {"@type": "Offer", **known, **dates}
