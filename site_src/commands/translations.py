"""`check --translations`: prints the state of each page in each language."""

from __future__ import annotations

import json

from site_src.check.advice.translations import Translation, translations
from site_src.check.inputs import Reading
from site_src.commands.report import pluralize, report_problems
from site_src.exit_codes import DONE, PROBLEMS


def report_translations(reading: Reading, form: str) -> int:
    """Prints the state of each page in each language, as a table or as JSON, then any errors. Returns 1 if there are errors.

    If the settings cannot be read, prints only the problems.
    """
    if reading.manuscript is None:
        report_problems(reading.problems, form)
        return PROBLEMS
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    pages = translations(reading.manuscript)
    languages = reading.manuscript.content.settings.languages
    if form == "json":
        entries = [
            {
                "page": slug,
                "language": page.language,
                "status": page.status,
                "path": page.path,
                "updated": page.updated and page.updated.isoformat(),
            }
            for slug, in_languages in pages.items()
            for page in in_languages
        ]
        print(json.dumps({"translations": entries}, ensure_ascii=False, indent=2))
    else:
        width = max((len(slug) for slug in pages), default=0) + 2
        print("".join([f"{'page':<{width}}", *(f"{language:<10}" for language in languages)]).rstrip())
        for slug, in_languages in pages.items():
            cells = (f"{page.status:<10}" for page in in_languages)
            print(f"{slug or '(home)':<{width}}{''.join(cells)}".rstrip())
        every = [page.status for in_languages in pages.values() for page in in_languages]
        print(
            f"{pluralize(len(pages), 'page')} in {pluralize(len(languages), 'language')}: "
            + ", ".join(f"{every.count(status)} {status}" for status in Translation if status in every)
        )
    if errors:
        report_problems(errors, "text")
    return PROBLEMS if errors else DONE
