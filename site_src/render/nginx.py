"""The nginx configuration: the table of headers as nginx reads it, and the redirects of the content.

In nginx an `add_header` in a location drops all those above it. So there is none in a location: each header is a variable
that depends on the class of the file, and an empty one is not sent.
"""

from __future__ import annotations

from collections.abc import Iterator

from site_src.render.headers import COMMON_HEADERS, OTHER, PATH_CLASSES
from site_src.render.surfaces.host_files import redirects
from site_src.site.model import Site

_MADE = "# Made from the table in site_src/render/headers.py by `make nginx`. Do not edit.\n"
_HEADERS = sorted({name for row in PATH_CLASSES for name in row.headers})

_SERVER = """\
index index.html;
charset_types *;
default_type application/octet-stream;
absolute_redirect off;
server_tokens off;
error_page 403 404 =404 @not_found;

gzip on;
gzip_vary on;
gzip_proxied any;
gzip_min_length 512;
gzip_types {packable};

{headers}
# Files for other hosts, and whatever begins with a dot, are not there.
location ~ "^/_|/\\.(?!well-known/)" {{ return 404; }}

# Each class of files has its type. A page for what is not there is no address of its own.
{types}
# What is not there, in the language of the address.
location @not_found {{
    types {{ }}
    default_type text/html;
    charset utf-8;
    try_files /$quotabord_folder/404.html /404.html =404;
}}

# Moved pages and security.txt; the file is there once `make nginx` has made it.
include quotabord/redirects*.conf;
"""


def http_file() -> str:
    """For the `http` block: the class of each file, and each header's value for each class."""
    classes = [f"    {_quoted(f'~^/{row.pattern}$')} {row.name};\n" for row in PATH_CLASSES]
    folder = f"    default none;\n    {_quoted('~^/([^/]+)/')} $1;\n"
    maps = [
        _map("$uri", "class", f"    default {OTHER.name};\n" + "".join(classes)),
        _map("$uri", "folder", folder),
    ]
    for name in _HEADERS:
        usual = OTHER.headers.get(name, "")
        values = ((row.name, row.headers.get(name, "")) for row in PATH_CLASSES)
        lines = [f"    {row} {_quoted(value)};\n" for row, value in values if value != usual]
        maps.append(
            _map("$quotabord_class", _variable(name), f"    default {_quoted(usual)};\n" + "".join(lines))
        )
    return _MADE + "".join(maps)


def server_file() -> str:
    """For the `server` block: headers, types, compression, and the pages for what is not there."""
    headers = [f"add_header {name} $quotabord_{_variable(name)} always;\n" for name in _HEADERS]
    headers += [f"add_header {name} {_quoted(value)} always;\n" for name, value in COMMON_HEADERS.items()]
    packable = sorted({row.media_type for row in PATH_CLASSES} - {"text/html"})  # nginx packs HTML of itself
    text = _SERVER.format(packable=" ".join(packable), headers="".join(headers), types="".join(_types()))
    return _MADE + text


def redirects_file(site: Site) -> str:
    """For the `server` block: a place that nginx answers itself for each redirect of the site."""
    blocks = []
    for rule in redirects(site):
        sources = [rule.source, f"{rule.source}index.html"] if rule.source.endswith("/") else [rule.source]
        # A dollar sign would begin a variable.
        target = _quoted(rule.target.replace("$", "%24"))
        blocks += [f"location = {source} {{ return {rule.status} {target}; }}\n" for source in sources]
    return "# Made from content/ by `make nginx`. Do not edit.\n" + "".join(blocks)


def _types() -> Iterator[str]:
    for row in PATH_CLASSES:
        internal = "internal; " if row.name == "not-found" else ""
        charset = row.charset or "off"
        pattern = _quoted(f"^/{row.pattern}$")
        yield f"location ~ {pattern} {{ {internal}types {{ }} default_type {row.media_type}; charset {charset}; }}\n"


def _map(source: str, name: str, lines: str) -> str:
    # Volatile: an error leads to another file within the same request.
    return f"\nmap {source} $quotabord_{name} {{\n    volatile;\n{lines}}}\n"


def _variable(header: str) -> str:
    return header.lower().replace("-", "_")


def _quoted(text: str) -> str:
    """As one word of nginx's; a backslash stays one, except before a quote."""
    return '"' + text.replace('"', '\\"') + '"'
