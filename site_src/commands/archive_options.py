"""The words and options of `archive` and `journal anchor`; imports nothing slow, because `cli` needs it for every command."""

from __future__ import annotations

import argparse

from site_src.commands.options import Commands


def add_archive(commands: Commands[argparse.ArgumentParser], exit_codes: str) -> None:
    """Adds `archive`."""
    archive = commands.add_parser(
        "archive", help="record what the public address answers", epilog=exit_codes, allow_abbrev=False
    )
    archive.add_argument("url", metavar="URL", nargs="?", help="the public address (probe in local.yaml)")
    archive.add_argument(
        "folder", metavar="DIR", nargs="?", help="the folder for the WARC files (archive in local.yaml)"
    )
    archive.add_argument(
        "--release", metavar="N", type=int, help="the release that it should show (the live one)"
    )
    archive.set_defaults(command="archive:run")


def add_journal(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds `journal anchor`."""
    journal = commands.add_parser("journal", help="the journal of a published folder", allow_abbrev=False)
    anchor = journal.add_subparsers(metavar="WORD", required=True).add_parser(
        "anchor", help="write the digest of its newest line where others can hold it", allow_abbrev=False
    )
    anchor.add_argument("file", metavar="FILE", nargs="?", help="add it to this file (prints it)")
    anchor.add_argument(
        "--target", metavar="TARGET", help="the published folder or bucket (target in local.yaml)"
    )
    anchor.add_argument("--commit", action="store_true", help="commit FILE to the git repository it is in")
    anchor.add_argument(
        "--send", action="store_true", help="give it to the program that local.yaml names: alarm"
    )
    anchor.set_defaults(command="journal:anchor")
