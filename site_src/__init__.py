"""Quotabord: generates the Working Holiday site, publishes it, and hides the link at the moment the quota is reached.

The packages are the phases of the work. A package imports only from packages on the lines above its own; a test checks this.

    base      problems exit_codes instants states cache memo_file file_lock local_file
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

Start reading at `builder`, which runs the steps in order: read, check, judge, assemble, render, verify.
"""

import os

VERSION = "0.1.0"
# Otherwise pydantic looks for plugins in every installed library at each start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
