"""The words of the interface in one language: `content/<language>/_labels.yaml`.

Each key is a field, so a key that is missing or unknown in any language is a problem with a line, and a
template that asks for another one does not render.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator

from site_src.read.records import Record
from site_src.read.schema import Text


def _with_placeholders(*names: str) -> AfterValidator:
    wanted = sorted(names)

    def validate(text: str) -> str:
        try:
            parts = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            parts = None
        if (
            parts is None
            or sorted(str(name) for _, name, _, _ in parts) != wanted
            or any(spec or conversion for _, _, spec, conversion in parts)
        ):
            placeholders = " and ".join(f"{{{name}}}" for name in wanted)
            once = "each once" if len(wanted) > 1 else "once"
            demand = f"must contain {placeholders} {once}, and no other" if wanted else "must not contain"
            raise ValueError(f'"{text}" {demand} braces.')
        return text

    return AfterValidator(validate)


def _locale(name: str) -> str:
    if not _has_data(name):
        # Slow to import, and needed only for a name that stands for another one, or for none.
        from babel import Locale, UnknownLocaleError

        try:
            Locale.parse(name, sep="-")
        except (ValueError, UnknownLocaleError):
            raise ValueError(f'"{name}" is not a locale. Write one such as en-GB or nl.') from None
    return name


def _has_data(name: str) -> bool:
    """True when Babel, which is not imported for that, has a file for exactly this locale."""
    babel = find_spec("babel")
    folders = babel.submodule_search_locations if babel else None
    known = re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]+)*", name, re.ASCII)
    return bool(
        known and folders and Path(folders[0], "locale-data", f"{name.replace('-', '_')}.dat").is_file()
    )


Plain = Annotated[Text, _with_placeholders()]
WithDate = Annotated[Text, _with_placeholders("date")]
WithLanguage = Annotated[Text, _with_placeholders("language")]
WithNumber = Annotated[Text, _with_placeholders("number")]
WithProgramme = Annotated[Text, _with_placeholders("programme")]


class Labels(Record):
    """Every word that templates print; comments in the English file say where each stands."""

    language_name: Plain
    locale: Annotated[Text, AfterValidator(_locale)]
    skip_to_content: Plain
    main_menu: Plain
    breadcrumbs: Plain
    home: Plain
    languages: Plain
    footer_menu: Plain
    updated: WithDate
    shown_in_other_language: WithLanguage
    footnote_back: WithNumber
    conversation_starter: WithProgramme
    since: Plain
    opens: Plain
    next_registration_period: Plain
    date_not_known: Plain
    places: Plain
    why_no_link: Annotated[Text, _with_placeholders("notice")]
    preview: Plain
    date_and_time: Annotated[Text, _with_placeholders("date", "time")]
    in_dutch_time: Annotated[Text, _with_placeholders("moment")]
    in_city_time: Annotated[Text, _with_placeholders("city", "moment")]
    programmes: Plain
    more_about: WithProgramme
    history_of: WithProgramme
    when: Plain
    state: Plain
    no_changes: Plain
    choose_language: Plain
    not_found: Plain
    not_found_text: Plain
    not_found_home: Plain
    menu: Plain
    timeline: Plain
    timeline_note: Plain
    subscribe: Plain
    subscribe_feed: Plain
    subscribe_calendar: Plain
    calendar_of: WithProgramme
    calendar_period: WithProgramme
    calendar_opening: WithProgramme
    see_page: Plain
    moved: Plain
    moved_to: Annotated[Text, _with_placeholders("page")]
