"""`check --translations`: prints the state of each page in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from site_src.check.advice.translations import Translated, Translation, translations
from site_src.check.inputs import Reading
from site_src.commands.output import pluralize, print_json
from site_src.commands.report import report_problems
from site_src.exit_codes import DONE, PROBLEMS


def report_translations(reading: Reading, form: str) -> int:
    """Prints the state of each page in each language, as a table or as JSON, then any errors. Returns 1 if there are errors.

    If the settings cannot be read, prints only the problems.
    """
    if reading.manuscript is None:
        report_problems(reading.problems, form)
        return PROBLEMS
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    pages, languages = translations(reading.manuscript), reading.manuscript.content.settings.languages
    if form == "json":
        print_json(
            {"translations": [_as_json(slug, page) for slug, found in pages.items() for page in found]}
        )
    else:
        _print_table(pages, languages)
    if errors:
        report_problems(errors, "text")
    return PROBLEMS if errors else DONE


def _as_json(slug: str, page: Translated) -> dict[str, object]:
    updated = page.updated and page.updated.isoformat()
    more = {"language": page.language, "status": page.status, "path": page.path, "updated": updated}
    return {"page": slug, **more}


def _print_table(pages: Mapping[str, Sequence[Translated]], languages: Sequence[str]) -> None:
    width = max((len(slug) for slug in pages), default=0) + 2
    print("".join([f"{'page':<{width}}", *(f"{language:<10}" for language in languages)]).rstrip())
    for slug, found in pages.items():
        print(f"{slug or '(home)':<{width}}{''.join(f'{page.status:<10}' for page in found)}".rstrip())
    every = [page.status for found in pages.values() for page in found]
    counts = ", ".join(f"{every.count(status)} {status}" for status in Translation if status in every)
    print(f"{pluralize(len(pages), 'page')} in {pluralize(len(languages), 'language')}: {counts}")
