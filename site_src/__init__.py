"""Quotabord: the Working Holiday site, and the one promise that what it says about the quota is true.

The map. Each step imports only from its own line, to the left, and from the lines above it (a test proves it):

    words     problems instants outcomes
    read      source_files yaml_syntax yaml_source front_matter validation schema settings labels quota content
    convert   recall markup effort converter conversions manuscript links
    check     unpacking decoding folding addresses checks advice
    decide    availability
    assemble  cldr moments site assemble
    render    hosting surfaces timeline menus templating stateless nginx render
    verify    page_rules surface_rules file_text gate
    write     staging output quota_file change manifest releases journal published_log
    order     pipeline rehearsal preview sources publication publisher asking probe evidence
    watch     watching resident
    commands  commands cli_publishing cli
"""
