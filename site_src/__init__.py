"""Quotabord: the Working Holiday site, and the one promise that what it says about the quota is true.

The map. Each step imports only from its own line, to the left, and from the lines above it (a test proves it):

    words     problems instants outcomes
    read      source_files yaml_source front_matter validation schema labels quota content
    convert   markup manuscript links
    check     decoding addresses checks
    decide    availability
    assemble  moments site assemble
    render    render
    verify    page_rules gate
    write     output
    order     pipeline
    commands  commands cli
"""
