"""Quotabord: the Working Holiday site, and the one promise that what it says about the quota is true.

The packages are the phases of the work. A package imports from those above its own line, never from its own line or below;
a test proves it.

    base      problems exit_codes instants states cache memo_file user_cache file_lock local_file
    input     read scan
    meaning   quota convert
    site      check site
    output    render
    proof     gate
    order     builder rehearsal
    visitors  publish preview
    record    archive
    servers   bucket
    operators desk
    people    commands
    entry     cli

`builder` holds the order of the work, the only one: read, check, assemble, render, verify. Start reading there.
"""

import os

VERSION = "0.1.0"
# Pydantic would look for plugins in every installed library at each start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
