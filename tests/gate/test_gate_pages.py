"""The gate demands the right notice and link on each page, and refuses unlisted hosts and anything that runs or loads."""

from __future__ import annotations

import pytest

from tests.gate.test_gate import JAPAN, KOREA, Case, case_of
from tests.support.project import make_project

CLOSED_PAGE, OPEN_PAGE = "en/japan/index.html", "en/south-korea/index.html"
STARTER = f'<a class="conversation-starter" data-programme="south-korea" href="{KOREA}">'
NOTICE = '<section class="quota-notice" data-programme="japan" data-state="quota_reached">'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The small site at NOON: Japan closed, South Korea open."""
    return case_of(make_project(tmp_path_factory.mktemp("gate") / "project"))


def messages(case: Case, path: str, old: str, new: str) -> str:
    """Returns the gate's refusals of the page after one text in it was replaced."""
    text = case.files[path].decode()
    assert old in text
    return "\n".join(map(str, case.refused(path, text.replace(old, new).encode())))


def with_body(case: Case, path: str, more: str) -> bytes:
    """Returns the page with this text added at the end of its content."""
    text = case.files[path].decode()
    assert "</main>" in text
    return text.replace("</main>", f"{more}</main>").encode()


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        pytest.param(OPEN_PAGE, "conversation-starter", "other", "does not have the conversation starter, which must be shown while the state is open", id="no-link"),
        pytest.param(OPEN_PAGE, f'href="{KOREA}"', 'href="/"', f'leads to "/" instead of "{KOREA}"', id="link-to-elsewhere"),
        pytest.param(OPEN_PAGE, f'href="{KOREA}"', "", f'leads to "None" instead of "{KOREA}"', id="link-to-nowhere"),
        pytest.param(OPEN_PAGE, KOREA, KOREA.replace("/en", "/nl"), f'instead of "{KOREA}"', id="link-in-another-language"),
        pytest.param(OPEN_PAGE, KOREA, JAPAN, f'leads to "{JAPAN}" instead of', id="link-of-another-programme"),
        pytest.param(OPEN_PAGE, KOREA, f"{KOREA}?a=b", f'leads to "{KOREA}?a=b" instead of', id="link-with-a-query"),
        pytest.param(OPEN_PAGE, '<a class="conversation-starter" data-programme="south-korea"', '<a class="conversation-starter" data-programme="japan"', "instead of", id="link-that-names-another-programme"),
        pytest.param(OPEN_PAGE, '<a class="conversation-starter"', '<a class="button"', "address outside its element, in <a>", id="link-without-its-class"),
        pytest.param(OPEN_PAGE, '<a class="conversation-starter"', '<p class="conversation-starter"', "instead of", id="link-in-an-element-that-is-none"),
        pytest.param(OPEN_PAGE, 'data-state="open"', 'data-state="quota_reached"', "must have exactly one quota notice, open", id="wrong-state"),
        pytest.param(CLOSED_PAGE, 'data-state="quota_reached"', 'data-state="open"', "must have exactly one quota notice, quota_reached", id="wrong-state-of-a-closed-one"),
        pytest.param(CLOSED_PAGE, 'class="quota-notice"', 'class="notice"', "but has none", id="no-notice"),
        pytest.param(CLOSED_PAGE, 'data-programme="japan"', 'data-programme="south-korea"', "must have exactly one quota notice", id="notice-of-another-programme"),
        pytest.param(CLOSED_PAGE, "<section", "<div", "must have exactly one quota notice", id="notice-in-another-element"),
        pytest.param(CLOSED_PAGE, "</main>", f"{NOTICE}</section></main>", "must have exactly one quota notice", id="two-notices"),
        pytest.param(CLOSED_PAGE, "</main>", '<a class="big conversation-starter">Ask</a></main>', "the link must be hidden now", id="empty-link-while-closed"),
        pytest.param(CLOSED_PAGE, "</main>", f"{STARTER}Ask</a></main>", "the link must be hidden now", id="other-programmes-link-while-closed"),
        pytest.param(CLOSED_PAGE, "</main>", f'<p><a href="{KOREA}">Ask</a></p></main>', "address outside its element, in <a>", id="other-programmes-address-while-closed"),
        pytest.param("en/index.html", "</main>", f"{STARTER}Ask</a></main>", "does not belong to a programme", id="link-on-the-home-page"),
        pytest.param("en/status/index.html", "</main>", f'<p><a href="{KOREA}">Ask</a></p></main>', "address outside its element, in <a>", id="address-on-the-status-page"),
        pytest.param("en/404.html", "</main>", f"{NOTICE}</section></main>", "does not belong to a programme", id="notice-on-a-page-of-no-programme"),
    ],
)  # fmt: skip
def test_a_page_with_the_wrong_notice_or_link_is_refused(
    case: Case, path: str, old: str, new: str, message: str
) -> None:
    """The gate refuses a programme's page with a wrong notice or link, and any other page with a notice or link."""
    assert message in messages(case, path, old, new)


ACTIVE = {
    "script": "<script>x()</script>",
    "script-in-capitals": '<SCRIPT SRC="/a.js"></SCRIPT>',
    "style": "<style>a{color:red}</style>",
    "iframe": '<iframe src="/a"></iframe>',
    "form": '<form action="/a"><input name="b"><button>c</button></form>',
    "picture": '<img src="/a.png" alt="">',
    "old-picture": '<image href="/a.png">',
    "object": '<object data="/a"></object>',
    "embed": '<embed src="/a">',
    "base": '<base href="/other/">',
    "on-attribute": '<p onclick="x()">a</p>',
    "on-attribute-behind-a-form-feed": '<p\x0conclick="x()">a</p>',
    "on-attribute-in-capitals": '<p class="a" OnMouseOver="x()">a</p>',
    "style-attribute": '<p style="color:red">a</p>',
    "srcdoc": '<p srcdoc="a">a</p>',
    "ping": '<a href="/" ping="/a">a</a>',
    "javascript-address": '<a href="javascript:x()">a</a>',
    "javascript-address-with-a-tab": '<a href="java&#9;script:x()">a</a>',
    "javascript-address-behind-a-control": '<a href="&#1; JavaScript:x()">a</a>',
    "javascript-address-in-entities": '<a href="&#x6A;avascript&colon;x()">a</a>',
    "data-address": '<a href="data:text/html,x">a</a>',
    "vbscript-address": '<a href="vbscript:x">a</a>',
    "unknown-scheme": '<a href="intent://x">a</a>',
    "meta-refresh": '<meta http-equiv="refresh" content="5">',
    "meta-refresh-in-capitals": '<META HTTP-EQUIV="Refresh" content="0;/en/">',
    "import-of-style": '<p>@import "/a.css";</p>',
    "svg-script": '<svg><script href="/a"/></svg>',
    "svg-animation": '<svg><a><animate attributeName="href" values="/a"/></a></svg>',
    "svg-foreign-object": "<svg><foreignObject></foreignObject></svg>",
}
FOREIGN = {
    "link": '<a href="https://evil.test/a">a</a>',
    "http": '<a href="http://evil.test">a</a>',
    "no-scheme": '<a href="//evil.test/a">a</a>',
    "blank-before-it": '<a href=" //evil.test/a">a</a>',
    "control-before-it": '<a href="&#1;//evil.test/a">a</a>',
    "newline-in-it": '<a href="/\n/evil.test/a">a</a>',
    "tab-in-it": '<a href="https:/&Tab;/evil.test/a">a</a>',
    "backslashes": '<a href="\\\\evil.test/a">a</a>',
    "slash-and-backslash": '<a href="/\\evil.test/a">a</a>',
    "backslashes-behind-a-scheme": '<a href="https:\\\\evil.test/a">a</a>',
    "three-slashes": '<a href="https:///evil.test/a">a</a>',
    "one-slash": '<a href="http:/evil.test/a">a</a>',
    "no-slash": '<a href="http:evil.test">a</a>',
    "entities": '<a href="https&#58;&sol;&#47;evil.test">a</a>',
    "capitals": '<a href="HTTPS://EVIL.TEST/a">a</a>',
    "user-name": '<a href="https://ind.nl@evil.test/">a</a>',
    "port": '<a href="https://ind.nl:8443/">a</a>',
    "longer-host": '<a href="https://ind.nl.evil.test/">a</a>',
    "subdomain": '<a href="https://www.ind.nl/">a</a>',
    "citation": '<blockquote cite="https://evil.test/">a</blockquote>',
    "open-graph": '<meta property="og:url" content="https://evil.test/">',
    "style-sheet": '<link rel="stylesheet" href="https://evil.test/a.css">',
    "text": "<p>https://evil.test/</p>",
    "other-place-on-the-starters-host": '<a href="https://start.request.test/south-korea/en/other">a</a>',
}
# Pages may link to ind.nl.
LOADING = {
    "style-sheet": '<link rel="stylesheet" href="https://ind.nl/a.css">',
    "alternative-style-sheet": '<link rel="alternate stylesheet" href="https://ind.nl/a.css">',
    "style-sheet-in-capitals": '<LINK REL="STYLESHEET" HREF="HTTPS://IND.NL/a.css">',
    "style-sheet-in-entities": '<link rel="style&#115;heet" href="&#104;ttps://ind.nl/a.css">',
    "style-sheet-without-scheme": '<link rel="stylesheet" href="//ind.nl/a.css">',
    "style-sheet-with-backslashes": '<link rel="stylesheet" href="\\\\ind.nl\\a.css">',
    "style-sheet-behind-a-control": '<link rel="stylesheet" href="&#1; https://ind.nl/a.css">',
    "style-sheet-with-a-prefix": '<svg xmlns:h="http://www.w3.org/1999/xhtml"><h:link rel="stylesheet" href="https://ind.nl/a"/></svg>',
    "preload": '<link rel="preload" as="font" href="https://ind.nl/a.woff2">',
    "module-preload": '<link rel="modulepreload" href="https://ind.nl/a.js">',
    "prefetch": '<link rel="prefetch" href="https://ind.nl/">',
    "preconnect": '<link rel="preconnect" href="https://ind.nl">',
    "dns-prefetch": '<link rel="dns-prefetch" href="//ind.nl">',
    "icon": '<link rel="icon" href="https://ind.nl/a.ico">',
    "touch-icon": '<link rel="apple-touch-icon" href="https://ind.nl/a.png">',
    "manifest": '<link rel="manifest" href="https://ind.nl/a.json">',
    "unknown-relation": '<link rel="something-new" href="https://ind.nl/">',
    "use": '<svg><use href="https://ind.nl/a.svg#b"/></svg>',
    "use-with-a-prefix": '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><use xlink:href="https://ind.nl/a.svg#b"/></svg>',
    "filter-picture": '<svg><filter><feImage href="https://ind.nl/a.png"/></filter></svg>',
    "gradient": '<svg><linearGradient href="https://ind.nl/a.svg#b"/></svg>',
    "picture": '<img src="https://ind.nl/a.png" alt="">',
    "source": '<source src="https://ind.nl/a.png">',
    "table-background": '<table background="https://ind.nl/a.png"></table>',
    "paint": '<svg><rect fill="url(https://ind.nl/a.svg#b)"/></svg>',
    "paint-in-entities": '<svg><rect filter="ur&#108;(https://ind.nl/a.svg#b)"/></svg>',
    "header-link": '<meta http-equiv="Link" content="&lt;https://ind.nl/a.css&gt;; rel=stylesheet">',
}
NAMING = {
    "link": '<a href="https://ind.nl/a">a</a>',
    "link-in-a-picture": '<svg><a href="https://ind.nl/a"><path d="M0 0"/></a></svg>',
    "alternate": '<link rel="alternate" hreflang="de" href="https://ind.nl/de">',
    "canonical": '<link rel="canonical" href="https://ind.nl/">',
    "license": '<link rel="license" href="https://ind.nl/licence">',
    "own-style-sheet": '<link rel="stylesheet" href="https://small.test/a.css">',
    "mask-of-the-page": '<svg><rect mask="url(#a)"/></svg>',
}
MALFORMED = {
    "attribute-without-quotes": "<p class=a>a</p>",
    "single-quotes": "<p class='a'>a</p>",
    "quote-in-a-value-without-quotes": '<p class=y" onclick=x()>a</p>',
    "tag-that-does-not-end": '<p class="a" ',
    "tag-in-an-attribute-that-does-not-end": '<p class="<p onclick=x()>',
    "comment-that-ends-at-once": "<!--><p onclick=x()> -->",
    "comment-with-a-tag": "<!-- <p> -->",
    "comment-that-does-not-end": "<!-- a",
    "section-of-characters": "<![CDATA[ <p> ]]>",
    "slash-between-attributes": '<p/class="a"/onclick="x()">',
    "vertical-tab": '<p\x0bonclick="x()">',
    "second-equals-sign": '<p class=="a">',
    "bracket-in-text": "<p>a < b</p>",
    "processing-instruction": "<?php a ?>",
    "half-a-tag": "<scr<script>ipt>",
    "nul-in-a-text": "<p>a\0b</p>",
    "nul": '<p\0 class="a">a</p>',
}


def test_a_comment_and_a_bracket_in_quotes_are_no_doubt(case: Case) -> None:
    """The gate accepts comments, brackets in attributes and self-closing tags that every browser reads in the same way."""
    data = with_body(case, "en/index.html", '<!-- a - b --><br/><p title="a < b > c" hidden>a</p ><hr />')

    case.accepted("en/index.html", data)


@pytest.mark.parametrize("path", ["en/index.html", CLOSED_PAGE, "index.html"])
@pytest.mark.parametrize("name", ACTIVE)
def test_what_runs_or_loads_is_refused(case: Case, name: str, path: str) -> None:
    """The gate refuses a page with anything that runs, loads, submits or redirects."""
    found = [str(refusal) for refusal in case.refused(path, with_body(case, path, ACTIVE[name]))]
    assert found
    assert not [message for message in found if "shows the conversation starter" in message]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_host_that_is_not_listed_is_refused(case: Case, name: str) -> None:
    """The gate refuses links to hosts that the settings do not list, in whatever form the link is written."""
    found = case.refused("en/index.html", with_body(case, "en/index.html", FOREIGN[name]))
    assert [refusal for refusal in found if "leads to " in refusal.message or "starter" in refusal.message]


@pytest.mark.parametrize("name", LOADING)
def test_what_is_loaded_from_a_listed_host_is_refused(case: Case, name: str) -> None:
    """The gate refuses a page that loads something from a listed host: pages may only link to such a host."""
    assert case.refused("en/index.html", with_body(case, "en/index.html", LOADING[name]))


@pytest.mark.parametrize("name", NAMING)
def test_what_only_names_a_listed_host_passes(case: Case, name: str) -> None:
    """The gate accepts an address on a listed host if it is a link or only describes a relation."""
    case.accepted("en/index.html", with_body(case, "en/index.html", NAMING[name]))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("assets/style.*.css", 'a{background:image-set("https://ind.nl/a.png" 1x)}'),
        ("assets/style.*.css", "a{background:url(https://ind.nl/a.png)}"),
        ("assets/style.*.css", '@import "https://ind.nl/a.css";'),
        ("_headers", "/*\n  Link: <https://ind.nl/a.css>; rel=stylesheet\n"),
        ("en/japan/feed.xml", '<link rel="enclosure" href="https://ind.nl/a.mp3"/>'),
    ],
)
def test_other_files_load_nothing_from_a_listed_host(case: Case, path: str, text: str) -> None:
    """The gate refuses a style sheet, header or feed that makes a client load something from a listed host."""
    path = case.path(path)

    found = case.refused(path, case.files[path] + text.encode())

    assert [refusal for refusal in found if "loads " in refusal.message]


def test_a_notice_that_is_hidden_is_refused(case: Case) -> None:
    """The gate refuses a page whose notice is hidden."""
    assert "must be visible" in messages(
        case, CLOSED_PAGE, '<section class="quota-notice"', '<section hidden class="quota-notice"'
    )
    assert "must be visible" in messages(case, CLOSED_PAGE, "<main", "<main hidden")


def test_words_in_a_comment_are_no_notice(case: Case) -> None:
    """The gate does not accept words in a comment as the heading of a notice."""
    title = "The quota has been reached"

    assert "heading is not the title" in messages(
        case, CLOSED_PAGE, f"{title}</h2>", f"<!-- {title} -->Open</h2>"
    )


@pytest.mark.parametrize("path", ["en/index.html", "en/status/index.html"])
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(">Quota reached</strong>", ">Open</strong>", "does not say that the state of japan", id="words"),
        pytest.param('data-programme="japan" data-state="quota_reached"', 'data-programme="japan" data-state="open"', "does not say that the state of japan", id="attribute"),
        pytest.param(">Japan</h", ">South Korea</h", "does not say that the state of japan", id="name"),
        pytest.param('data-programme="japan"', 'data-programme="south-korea"', "must name the state of each programme once", id="twice"),
        pytest.param("</main>", '<strong class="state">Open</strong></main>', "names a state", id="another"),
    ],
)  # fmt: skip
def test_an_overview_that_says_another_state_is_refused(
    case: Case, path: str, old: str, new: str, message: str
) -> None:
    """The gate refuses the home page or the status page if a programme's part there shows or names a wrong state."""
    assert message in messages(case, path, old, new)


@pytest.mark.parametrize("path", ["en/index.html", OPEN_PAGE])
@pytest.mark.parametrize("name", MALFORMED)
def test_what_browsers_read_in_their_own_ways_is_refused(case: Case, name: str, path: str) -> None:
    """The gate refuses malformed HTML, which a browser could read differently from the gate."""
    found = [str(refusal) for refusal in case.refused(path, with_body(case, path, MALFORMED[name]))]
    assert [message for message in found if "more than one way" in message or "not UTF-8" in message]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_page_that_is_not_utf_8_is_refused(case: Case, encoding: str) -> None:
    """The gate refuses a page that is not UTF-8, because a browser could find tags in it that the gate does not see."""
    page = with_body(case, "en/index.html", "<p>é</p>").decode().encode(encoding, errors="replace")

    assert [refusal for refusal in case.refused("en/index.html", page) if "not UTF-8" in refusal.message]


@pytest.mark.parametrize(
    "style",
    [
        '@import "/a.css";',
        "@IMPORT url(a.css);",
        "@\\69mport '/a.css';",
        "a{background:url(https://evil.test/a.png)}",
        "a{background:url( '//evil.test/a.png')}",
        'a{background:url("https:\\2f\\2f evil.test/a")}',
        "a{background:URL(HTTPS:evil.test)}",
        "a{background:\\75rl(//ind.nl/a.png)}",
        "a{background:url(\\\\evil.test\\a.png)}",
        'a{background:image-set("https://evil.test/a.png" 1x)}',
    ],
)
def test_a_style_sheet_that_loads_from_elsewhere_is_refused(case: Case, style: str) -> None:
    """The gate refuses a style sheet that loads anything from elsewhere."""
    path = case.path("assets/style.*.css")

    assert case.refused(path, case.files[path] + style.encode())


@pytest.mark.parametrize(
    "text",
    [
        "/a https://evil.test/ 302",
        "/a https:\\\\evil.test/ 302",
        '{"a": "https://evil.test/"}',
        '{"a": "https:\\/\\/evil.test\\/"}',
        '{"a": "\\u0068ttps:\\u002f\\u002fevil.test/"}',
        '{"a": "//evil.test/"}',
    ],
)
def test_a_host_that_is_not_listed_is_refused_in_other_files(case: Case, text: str) -> None:
    """The gate refuses unlisted hosts in files that are not pages, too."""
    (refusal,) = case.refused("_redirects", text.encode())
    assert refusal.message.startswith("leads to evil.test, ")


@pytest.mark.parametrize(
    ("path", "more"),
    [
        pytest.param("en/index.html", '<meta name="description" content="Data: what we keep">', id="word-before-a-colon"),
        pytest.param("en/index.html", "<p>javascript: never. One = 1, on = off, onclick=&quot;&quot;</p>", id="words-of-scripts"),
        pytest.param("en/index.html", '<p title="style=&quot;a&quot; and onload=b">a</p>', id="attributes-in-a-text"),
        pytest.param("en/index.html", "<p>&lt;script&gt;x()&lt;/script&gt; and 1 &lt; 2</p>", id="tags-as-text"),
        pytest.param("en/index.html", '<a href="https://ind.nl/a?b=c&amp;d=e#f">a</a> <a href="/en/">b</a> <a href="#c">c</a>', id="listed-hosts"),
        pytest.param("en/index.html", '<a href="mailto:a@ind.nl">a</a> <a href="tel:+3188">b</a>', id="mail-and-telephone"),
        pytest.param("en/index.html", "<p>Either//or, a // b: see /en//japan</p>", id="slashes"),
        pytest.param("icon.svg", '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"/>', id="namespaces"),
        pytest.param("feed.xml", '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>https://small.test/</id></feed>', id="feed"),
        pytest.param("a.css", 'a{background:url(/assets/a.svg)}b{content:"\\201C"}c{background:url("data:image/svg+xml,a")}', id="style"),
        pytest.param("more/robots.txt", "Sitemap: https://small.test/sitemap.xml\n", id="robots"),
        pytest.param("a.json", '{"pattern": "^\\\\d+$", "path": "a\\\\b"}', id="patterns-for-machines"),
    ],
)  # fmt: skip
def test_what_is_harmless_passes(case: Case, path: str, more: str) -> None:
    """The gate accepts words that only resemble active content, listed hosts, and the site's own address."""
    case.accepted(path, with_body(case, path, more) if path in case.files else more.encode())
