"""`move`: renames a page in every language, changes every link to it, and adds the redirect from its old address."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from site_src.builder import Builder
from site_src.check.pages import programme_names
from site_src.convert.manuscript import Manuscript
from site_src.convert.renaming import rename_in_links, rename_in_settings, set_moved_from
from site_src.exit_codes import DONE, CommandFailed, WrongUse
from site_src.problems import InputRefused, did_you_mean
from site_src.read.content import HOME, STATUS
from site_src.read.project import Project
from site_src.read.settings import SETTINGS_FILE
from site_src.read.values import SLUG, advise_name


def run(options: argparse.Namespace, project: Project) -> int:
    """Renames the page and the links to it, and returns 0. Raises WrongUse, InputRefused or CommandFailed before anything is changed."""
    reading = Builder().read(project.load_tree())
    if reading.manuscript is None:
        raise InputRefused(reading.problems)
    languages = reading.manuscript.content.settings.languages
    old, new = (_slug(name, languages) for name in (options.old, options.new))
    _refuse(reading.manuscript, old, new)
    renamed = {
        file: f"content/{language}/{new}.md"
        for language in languages
        for file in (f"content/{language}/{old}.md", f"content/{language}/{old}/index.md")
        if (project.root / file).is_file()
    }
    texts = _mended(project.root, reading.manuscript, renamed, old, new)
    _write(project.root, renamed, texts)
    for before, after in renamed.items():
        print(f"{before} is now {after}.")
    others = sorted(path for path in texts if path not in renamed.values())
    if others:
        print(f"Links were changed in {', '.join(others)}.")
    print(
        f"The old address redirects to the new one (moved_from: {old}). To check the site: python build.py check"
    )
    return DONE


def _slug(name: str, languages: tuple[str, ...]) -> str:
    """Returns the slug in `about`, `about.md`, `en/about.md` or `content/en/about.md`."""
    slug = name.removesuffix(".md").removeprefix("./").removeprefix("content/").strip("/")
    language, slash, rest = slug.partition("/")
    slug = rest if slash and language in languages else slug
    return slug.removesuffix("/index")


def _refuse(manuscript: Manuscript, old: str, new: str) -> None:
    pages = manuscript.content.pages
    slugs = {page.slug for page in pages}
    fixed = {HOME, "index", STATUS, *programme_names(manuscript)}
    claimed = next((page.path for page in pages if new in page.meta.moved_from and page.slug != old), None)
    if {old, new} & fixed:
        name = old if old in fixed else new
        raise WrongUse(f'"{name or "index"}" is a page that menus and cards link to. It cannot be renamed.')
    if old not in slugs:
        raise WrongUse(f'there is no page "{old}".{did_you_mean(old, slugs - fixed)}')
    if wrong := next((part for part in new.split("/") if not SLUG.fullmatch(part)), None):
        raise WrongUse(f'"{new}" is not a name for a page. {advise_name(wrong, "", "guides/money")}')
    if new in slugs:
        raise WrongUse(f'there is already a page "{new}". Choose another name.')
    if claimed:
        raise WrongUse(
            f'"{new}" is an old address of {claimed}. Choose another name, or delete "{new}" from moved_from there.'
        )


def _mended(
    root: Path, manuscript: Manuscript, renamed: Mapping[str, str], old: str, new: str
) -> dict[str, str]:
    """Returns the new text of each file that changes, by its new path."""
    content = manuscript.content
    default = content.settings.default_language
    before = {page.path: page.meta.moved_from for page in content.pages}
    # A link may name a missing translation. The site then links to the original.
    links = {f"content/{code}/{old}.md": f"content/{code}/{new}.md" for code in content.settings.languages}
    links |= renamed
    texts: dict[str, str] = {}
    for path in sorted(
        {file.relative_to(root).as_posix() for file in (root / "content").rglob("*.md")} | renamed.keys()
    ):
        try:
            text = (root / path).read_bytes().decode()
        except UnicodeDecodeError:
            continue  # This is not a page. `check` reports it.
        mended = rename_in_links(text, path, links)
        if path in renamed:
            # A page that gets a former name again must not redirect to itself.
            slugs = [slug for slug in before.get(path, ()) if slug not in (old, new)]
            if path.startswith(f"content/{default}/"):
                slugs.append(old)
            mended = set_moved_from(mended, slugs)
        if mended != text or path in renamed:
            texts[renamed.get(path, path)] = mended
    settings = (root / SETTINGS_FILE).read_bytes().decode()
    mended = rename_in_settings(settings, f"{old}.md", f"{new}.md")
    return {**texts, SETTINGS_FILE: mended} if mended != settings else texts


def _write(root: Path, renamed: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """Writes all texts to temporary files, then renames these, so no file changes before all texts are written.

    Raises CommandFailed if a text cannot be written, and OSError if a file cannot be renamed.
    """
    aside = {root / path: (root / path).with_name(f".{Path(path).name}.new") for path in texts}
    try:
        for path, text in texts.items():
            try:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                aside[root / path].write_bytes(text.encode())
            except OSError as error:
                raise CommandFailed(
                    f"{path} could not be written: {error.strerror}. Nothing was changed."
                ) from None
        for file, written in aside.items():
            os.replace(written, file)
        for path in renamed:
            (root / path).unlink()
    finally:
        for written in aside.values():
            written.unlink(missing_ok=True)
