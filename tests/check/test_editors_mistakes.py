"""Each kind of mistake that editors make is reported with its rule and line. Correct text that looks like a mistake is not."""

from __future__ import annotations

import shutil

import pytest

from site_src.builder import Builder
from site_src.check.advice import advise
from site_src.problems import Problem
from site_src.read.tree import load_tree
from tests.support.project import NOON, REPOSITORY, at

# Language, text, rule ("" if the text is correct), line of the mistake in the text (from 0), and words of the message.
CASES: tuple[tuple[str, str, str, int, str], ...] = (
    # Full-width and other characters that look right.
    ("ja", "文。\n\n［［japan.places_per_year］］名", "token", 2, "fullwidth left square bracket"),
    ("ja", "定員は【【japan.places_per_year】】名", "token", 0, '"[[japan.places_per_year]]"'),
    ("ja", "文。\n\n＃＃ 見出し", "markdown-sign", 2, 'Type "## "'),
    ("ja", "これは＊＊大事＊＊です。", "markdown-sign", 0, "full-width"),
    ("ja", "[状況］（status.md）をご覧ください。", "markdown-sign", 0, "full-width"),
    ("ja", "文。\n\n＞ 引用", "markdown-sign", 2, "fullwidth greater-than"),
    ("en", "[Japan](japan.md＃conditions)", "link", 0, "fullwidth number sign"),
    ("ja", "＃1の会社（１２３）で＊働く。「［注］」", "", 0, ""),
    # Lines that are intended as a list.
    ("en", "Text.\n\n◦ Passport\n◦ Photo", "list", 2, "a bullet"),
    ("ko", "・여권\n・사진", "list", 0, "no bullet here"),
    ("en", "— Passport\n— Photo", "list", 0, "no bullet here"),
    ("en", "-Passport\n\n-Photo", "list", 0, "no bullet here"),
    ("en", "*\u00a0Passport\n*\u00a0Photo", "list", 0, '"*" and a no-break space'),
    ("en", "(1) Ask\n(2) Wait", "list", 0, "not a number"),
    ("en", "1.Ask\n2.Wait", "list", 0, "not a number"),
    ("en", "a) Ask\nb) Wait", "list", 0, "not a number"),
    ("ja", "１．申請\n\n２．待つ", "list", 0, "not a number"),
    ("ja", "①申請\n②待つ", "list", 0, "circled"),
    ("ko", "가. 여권\n나. 사진", "list", 0, "not a number"),
    ("ja", "（ア）旅券\n（イ）写真", "list", 0, "not a number"),
    ("en", "✓ Passport", "list", 0, "a bullet"),
    ("en", "*First* of all.\n\n*Then* this.", "", 0, ""),
    ("en", "- [X] Passport", "markdown-sign", 0, '"[X]"'),
    ("en", "– is a dash.\n\nAnd -5 is a number.", "", 0, ""),
    ("en", "1) is the first.\n\nThe second is not here.", "", 0, ""),
    # Lines that are not intended as a list or a quotation.
    ("ko", "2027. 4. 1.부터 신청을 받습니다.", "", 0, ""),
    ("ko", "4. 1. 2027부터 신청을 받습니다.", "line-start", 0, "the date"),
    ("en", "Text.\n\n> 5 people.", "line-start", 2, "quotation"),
    ("en", "+ 31 70 is the number.", "line-start", 0, "\\+"),
    ("en", "3. Oktober is a day.", "line-start", 0, '"3\\."'),
    ("en", "1. one\n2. two\n\n3. three", "", 0, ""),
    ("en", "> He said so.", "", 0, ""),
    # Text that would disappear.
    ("en", "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 | 5 |", "lost-text", 3, "more cells"),
    ("en", "| a | b |\n|---|---|\n| 1 | 2 | |", "", 0, ""),
    ("en", "Text.\n\n[Note]: important", "lost-text", 2, "[note]:"),
    ("en", "See [it][x].\n\n[x]: index.md\n[y]: https://ind.nl/en", "", 0, ""),
    ("en", "A.[^1]\n\n[^1]: One.\n\n[^1]: Two.", "lost-text", 2, "only the last"),
    ("en", "## Costs {in euro}", "cleaned-html", 0, '"in"'),
    ("en", "Set <?php it ?> so.", "cleaned-html", 0, "<?"),
    ("en", 'A <span class="x>word</span>.', "cleaned-html", 0, "Close its quotation marks"),
    ("en", "Ask <your name>, <surname> or a<b and c>d.", "", 0, ""),
    ("en", "Text.\n\nWrite your <address> here.", "cleaned-html", 2, "never closed"),
    ("en", "Enter <code> there.", "cleaned-html", 0, "as typed"),
    ("ja", "<ruby>手続<rp>（</rp><rt>てつづ</rt></ruby>き、<bdi>X</bdi>、<wbr>", "", 0, ""),
    # Tables and boxes.
    ("en", "Text.\n\n| a | b |\n| 1 | 2 |", "markdown-sign", 2, "|---|---|"),
    (
        "en",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\nText.\n\n| c | d |\n| 3 | 4 |",
        "markdown-sign",
        6,
        "|---|---|",
    ),
    ("en", "Text.\n\na | b\nc | d", "markdown-sign", 2, "|---|---|"),
    ("en", "Text.\n\n!!! danger\n    Look out.", "box", 2, '"> [!WARNING]"'),
    ("en", "!!! tip\n    Look.", "box", 0, '"> [!TIP]"'),
    ("en", "??? note\n    Look.", "box", 0, '"> [!NOTE]"'),
    ("en", "::: warning\nLook.\n:::", "box", 0, '"> [!WARNING]"'),
    ("en", "> [!CAUTION]\n> Look.", "box", 0, "NOTE, TIP, IMPORTANT or WARNING"),
    ("en", "> [!NOTE]\n> Look.\n\n> [!note] Look.\n> Out.", "box", 3, "on the next line"),
    ("en", "[!NOTE]\nLook.", "box", 0, '"> [!NOTE]"'),
    ("en", "> [!NOTE]", "box", 0, "no text"),
    ("en", "> [!NOTE]\n>\n\nLook.", "box", 0, "no text"),
    ("en", "> [!NOTE]\n\n> Look.", "box", 0, "no text"),
    ("en", "> So.\n> [!NOTE]\n> Look.", "box", 1, "empty line before it"),
    ("ja", "文。\n\n> ［！NOTE］\n> 注意", "box", 2, "fullwidth"),
    ("en", "> [!Note]\n> Look.\n>\n> - one\n> - two", "", 0, ""),
    ("en", "\\> [!NOTE] and `> [!CAUTION]`, !!!", "", 0, ""),
    ("en", 'Text.\n\n<div class="box-tip">Text</div>', "reserved-name", 2, '"box-tip"'),
    # The list of a page's headings.
    ("en", "[TOC]\n\n## One\n\n### Two", "", 0, ""),
    ("en", "Text.\n\n[toc]\n\n## One", "markdown-sign", 2, '"[TOC]"'),
    ("ja", "目次：［TOC］\n\n## 一", "markdown-sign", 0, "[TOC]"),
    ("en", "Text.\n\n[TOC]", "heading-order", 2, "no such headings"),
    # More characters of Japanese and Korean keyboards, and characters that are pasted with text.
    ("ja", "本文［^1］\n\n[^1]: 注", "footnote", 0, 'Write "[^1]"'),
    ("ja", "本文[^1]\n\n［^1］: 注", "footnote", 2, 'Write "[^1]: …"'),
    ("ja", "本文[^1]\n\n[^1]：注", "footnote", 2, "fullwidth colon"),
    ("ja", "文。\n\n## 見出し ｛: #id｝", "markdown-sign", 2, '"{: #id}"'),
    ("ja", "## 見出し {：#id}", "cleaned-html", 0, "fullwidth colon"),
    ("ja", "文。\n\n－－－\n\n文。", "markdown-sign", 2, 'Type "---"'),
    ("en", "Text.\n\n———\n\nText.", "markdown-sign", 2, "em dash"),
    ("ja", "定員は〔〔japan.places_per_year〕〕名", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "\uf0b7 Passport", "control-character", 0, "U+F0B7"),
    ("en", "Text.\n\no   Passport\no   Photo", "list", 2, "no bullet here"),
    ("en", "1.\tAsk\n2.\tWait\n\n* * *\n\n___", "", 0, ""),
    # Tokens with other text around them.
    ("en", "Text.\n\nUp to [[[japan.places_per_year]]] places.", "token", 2, "too many brackets"),
    ("en", "[[[[japan.places_per_year]]]]", "token", 0, 'Write "[[japan.places_per_year]]"'),
    (
        "en",
        "[[japan.places_per_year]](japan.md)",
        "token",
        0,
        'Write "[[[japan.places_per_year]]](japan.md)"',
    ),
    ("en", "[[japan.places_per_year|200]]", "token", 0, 'mean "japan.places_per_year"'),
    (
        "en",
        "The [[[japan.places_per_year]]](japan.md) and [all [[japan.places_per_year]] places](japan.md)",
        "",
        0,
        "",
    ),
    # lines that Markdown joins to a table, a word, a definition or a note, and lines that it does not
    ("en", "| a | b |\n|---|---|\n| 1 | 2 |\nText.", "line-start", 3, "a row of the table"),
    ("ja", "*重要*です。\n\n本文は_強調_です。", "markdown-sign", 2, "Write *word*"),
    ("en", "Term\n:What it is.", "line-start", 1, 'Write ": "'),
    ("en", "Text.[^1]\n\n[^1] A note.", "footnote", 2, 'no ":" follows'),
    ("en", "| a | b |\n|---|---|\n| 1 | 2 |\n\nText.", "", 0, ""),
    # The number of remaining places is a state, not a yearly figure.
    ("en", "Only 12 places left.", "state-in-text", 0, "the notice names the state"),
    ("nl", "Er zijn 12 plaatsen over.", "state-in-text", 0, "the notice names the state"),
    ("ja", "残り12名です。", "state-in-text", 0, "the notice names the state"),
    ("ko", "12명 남았습니다.", "state-in-text", 0, "the notice names the state"),
    # Links as Windows and other programs write them.
    ("en", "[a list](..\\nl\\japan.md)", "link", 0, 'Write "../nl/japan.md"'),
    ("en", "[a list](file:///C:/site/content/en/japan.md)", "link", 0, 'Write "japan.md"'),
    ("en", "[a list](https:/ind.nl/en)", "link", 0, 'Write "https://ind.nl/en"'),
    ("en", "[a list](images/map.png)", "link", 0, '"![What it shows](map.png)"'),
    ("ja", "文。\n\n！[地図](map.png)", "link", 2, "It is a picture"),
    ("en", "[a form](form.pdf)", "link", 0, "Only pages and pictures are published"),
    ("en", "[home](en)", "link", 0, 'Write "index.md"'),
    ("en", "[a list](japan.md?x=1)", "link", 0, 'Write "japan.md"'),
    # moments
    ("en", ":::from 2031-01-01 00:00 until 2032-01-01 00:00\nText.\n:::", "dated", 0, "two moments"),
    ("en", "Text.\n=======\nText.", "merge-conflict", 1, "git could not merge"),
    # lines of a list item that are not indented by four spaces
    ("en", "1. one\n\n   Text.\n\n2. two", "list", 2, "Indent it by 4"),
    ("en", "- one\n\n  Text.\n\n- two", "list", 2, "Indent it by 4"),
    ("en", "- a\n    - b\n\n      Text.\n\n- c", "list", 3, "Indent it by 8"),
    ("en", "1. one\n\n   > [!NOTE]\n   > Look.\n\n2. two", "list", 2, "Indent it by 4"),
    ("en", "1. one\n\n   | a | b |\n   |---|---|\n   | 1 | 2 |", "list", 2, "Indent it by 4"),
    ("en", "1. one\n\n   ```\n   code\n   ```\n", "list", 2, "Indent it by 4"),
    ("en", "> 1. one\n>\n>    Text.\n>\n> 2. two", "list", 2, "Indent it by 4"),
    ("en", "A.[^1]\n\n[^1]: Note.\n\n   More.", "list", 4, "Indent it by 4"),
    ("en", "Term\n: What it is.\n\n   More.", "list", 3, "Indent it by 4"),
    ("en", "1. one\n\nText.\n\n2. two", "line-start", 4, "Indent that text by 4"),
    (
        "en",
        "1. one\n\n   :::from 2031-01-01 00:00\n   Later.\n   :::",
        "dated",
        2,
        "at the beginning of the line",
    ),
    (
        "en",
        "1. one\n\n    Text.\n\n\tText.\n\n2. two\n   goes on.\n\n   3. three",
        "list",
        9,
        "Indent it by 4",
    ),
    ("en", "1. one\n\n    Text.\n\n\tText.\n\n2. two\n   goes on.\n\nText.\n\n  Text.", "", 0, ""),
    ("en", "Term\n: One.\n\n  : Two.\n\n> - one\n>\n>     Text.\n>\n> - two", "", 0, ""),
    # addresses
    ("en", "Look at “https://ind.nl/en”.", "", 0, ""),
    ("en", "Text.\n\nLook at “https://ind.nl”.", "link", 2, "text directly after it"),
    ("ja", "https://ind.nlをご覧ください。", "link", 0, "https://ind.nl"),
    ("en", "Look at https://ind.example.org/x.", "link", 0, "outbound_hosts"),
    ("en", "Look at https://ind.nl, or (https://ind.nl).", "", 0, ""),
    (
        "en",
        "[Text](https://working-holiday.example/en/japan/#conditions)",
        "link",
        0,
        '"japan.md#conditions"',
    ),
    ("nl", "[Tekst](https://working-holiday.example/nl/about/)", "link", 0, '"about.md"'),
    ("en", "[Text](http://working-holiday.example/ko/questions/)", "link", 0, '"../ko/questions.md"'),
    ("en", "https://working-holiday.example/en/", "link", 0, "of this site"),
    ("en", "Text.\n\nWrite to <info@ind.nl>.", "link", 2, '"mailto:info@ind.nl"'),
    # Only the line of the mistake is reported.
    ("en", "[a page](japan.md#conditions)\n\n[a page](japan.md#condition)", "link", 2, 'mean "conditions"'),
    ("en", "## One\n\n# Two", "heading", 2, "first level"),
    ("en", "One\n---\n\nTwo\n===", "heading", 3, "first level"),
    ("en", "The text of a subscription.\n\n## Text {: #text}", "reserved-name", 2, '"text"'),
    ("en", "[to it](#one)\n\n## A {: #one}\n\n## B {: #one}", "duplicate-id", 2, '"one"'),
    ("en", "`[[places_a_year]]`\n\nIn Japan [[japan.places_a_year]].", "token", 2, "places_per_year"),
    # No guess is made between programmes.
    ("en", "For Japan there are 150 places.", "typed-figure", 0, "Which one do you mean?"),
    ("en", "There are [[places_per_year]] places.", "token", 0, 'japan.places_per_year]]" or'),
    # A part of a page that does not exist.
    ("en", "[a](japan.md#zzzz)", "link", 0, "{: #zzzz}"),
    ("ko", "[일본](south-korea.md#조건)과 [조건](south-korea.md#conditions)", "", 0, ""),
    # Further characters of Korean and Japanese keyboards.
    ("ko", "＃＃ 제목\n\n글.", "markdown-sign", 0, 'Type "## "'),
    ("ko", "－ 여권\n－ 사진", "list", 0, "no bullet here"),
    ("ja", "｜国｜人数｜\n｜---｜---｜", "markdown-sign", 0, "fullwidth vertical line"),
    ("ja", "[状況](status．md)", "link", 0, 'Write "status.md"'),
    ("ja", "[状況](ｓｔａｔｕｓ.md)", "link", 0, 'Write "status.md"'),
    ("ja", "[INDに](contact：ind)", "link", 0, 'Write "contact:ind"'),
    ("ja", "文。\n\nこちら　https：／／ind.nl/en", "link", 2, "fullwidth colon"),
    ("ja", "[[japan．places_per_year]]名", "token", 0, "fullwidth full stop"),
    ("ja", "[[ｊａｐａｎ.places_per_year]]名", "token", 0, '"[[japan.places_per_year]]"'),
    ("ja", "[[japan.places＿per＿year]]名", "token", 0, "fullwidth low line"),
    ("ja", "定員は「「japan.places_per_year」」名", "token", 0, '"[[japan.places_per_year]]"'),
    ("ja", "文。\n\n定員は《japan.places_per_year》名", "token", 2, "almost a token"),
    ("ja", "文。\n\n：：：from 2031-01-01 00:00\n文。\n:::", "dated", 2, "fullwidth colon"),
    ("ja", ":::from 2031－01－01 00:00\n文。\n:::", "dated", 0, "fullwidth hyphen-minus"),
    ("ja", ":::from\u30002031-01-01 00:00\n文。\n:::", "dated", 0, "an ideographic space"),
    ("en", "| A | B |\n|—|—|\n| 1 | 2 |", "markdown-sign", 0, "em dash"),
    ("ja", "##見出し\n\n##　もう一つ\n\n**「大事」**です。", "", 0, ""),
    # Addresses as copied from a browser or a file manager, or typed by habit.
    ("en", "[a list](japan)", "link", 0, 'Write "japan.md"'),
    ("en", "[a list](/en/japan/)", "link", 0, 'Write "japan.md"'),
    ("en", "[a list](../japan/)", "link", 0, 'Write "japan.md"'),
    ("en", "Text.\n\n[a list](japan.html#conditions)", "link", 2, 'Write "japan.md#conditions"'),
    ("en", "[a list](Japan.md)", "link", 0, 'Write "japan.md"'),
    ("en", "[a list](content/en/japan.md)", "link", 0, 'Write "japan.md"'),
    ("ko", "[목록](/en/japan/)", "link", 0, "japan.md"),
    ("en", "[a list](ind.nl/en)", "link", 0, '"https://ind.nl/en"'),
    ("en", "[a list](www.ind.nl)", "link", 0, '"https://www.ind.nl"'),
    ("en", "[a list](http://ind.nl/en)", "link", 0, "https"),
    ("en", "[a list](https://ind.nl /en)", "link", 0, "contains a space. Delete it"),
    ("en", "Text.\n\nSee https//ind.nl/en.", "link", 2, "https://"),
    ("en", "[mail us](mailto:info@ind.nl)", "link", 0, '"contact:…"'),
    ("en", "[mail us](info@ind.nl)", "link", 0, "not published"),
    ("en", "[call us](tel:+31880430430)", "link", 0, '"tel:"'),
    ("en", "[the IND](contact: ind)", "link", 0, 'mean "ind"'),
    ("en", "[the IND](contacts:ind)", "link", 0, 'Write "contact:ind"'),
    ("en", "[the IND](ind)", "link", 0, 'Write "contact:ind"'),
    ("en", "[a list](japan.md#Conditions)", "link", 0, 'mean "conditions"'),
    ("en", "[a list](<japan.md>) and [one]( japan.md )", "", 0, ""),
    # Text that only looks like a link.
    ("en", "[a list] (https://ind.nl/en)", "markdown-sign", 0, "a link that visitors see as typed"),
    ("en", "Text.\n\n(a list)[https://ind.nl/en]", "markdown-sign", 2, "the wrong way round"),
    ("en", "[a list](https://ind.nl/en", "markdown-sign", 0, "close both"),
    ("en", "a list](https://ind.nl/en)", "markdown-sign", 0, "close both"),
    ("en", "Text.\n\nText [see][list].", "markdown-sign", 2, "no line says"),
    # tokens
    ("en", "[[Japan]]", "token", 0, "is a programme"),
    ("en", "[[japan.md|the page]]", "token", 0, "[text](page.md)"),
    ("en", "[[ japan.places_per_year ]]", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "[[Japan.places_per_year]]", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "[[japan.places-per-year]]", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "Text.\n\n[[japan places per year]]", "token", 2, '"[[japan.places_per_year]]"'),
    ("en", "[[japan:places_per_year]]", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "{{ japan.places_per_year }}", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "{japan.places_per_year}", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "[[japan.places_per_year]", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "Up to japan.places_per_year places.", "token", 0, '"[[japan.places_per_year]]"'),
    ("en", "[[toc]]", "token", 0, '"[TOC]"'),
    ("en", "`[[japan.places_per_year]]` and a_name", "", 0, ""),
    # conflicts
    ("en", "Text.\n\n<<<<<<< HEAD\nOne\n=======\nTwo\n>>>>>>> x", "merge-conflict", 2, "git could not merge"),
    ("en", "Text.\n\n>>>>>>> branch", "merge-conflict", 2, "git could not merge"),
    ("en", "||||||| base\nOne", "merge-conflict", 0, "git could not merge"),
    # markup of other programs
    ("en", "Text.\n\n==mark==", "markdown-sign", 2, "==mark=="),
    ("en", "CO~2~ and m^2^", "markdown-sign", 0, "this markup is not supported"),
    ("en", "Fine :smile: so", "markdown-sign", 0, ":smile:"),
    ("en", "*[IND]: Immigration", "markdown-sign", 0, "an abbreviation"),
    ("en", "Text.\n\n<!-- a note", "markdown-sign", 2, "never closes it"),
    ("en", "{% include x %}", "markdown-sign", 0, "from a template"),
    ("en", "Text {: .class}", "markdown-sign", 0, "{: .class}"),
    ("en", "Text [1].\n\n[1]: the note text", "markdown-sign", 2, '"[^1]: …"'),
    ("en", "Text.\n\nThe `code", "markdown-sign", 2, "Close it"),
    ("en", "A\tB\n1\t2", "markdown-sign", 0, "tabs"),
    ("en", "~~gone~~", "markdown-sign", 0, "strike text through"),
    ("en", "At 10:30:00, 5 * 3, a ~ b, C:, 50%, x^2, \\`", "", 0, ""),
    # lines that Markdown turns into something else, or drops
    ("en", "Text.\n\n    Indented text.", "line-start", 2, "as code"),
    ("en", "Text.\n\n\tA tab.", "line-start", 2, "as code"),
    ("en", "Text line\n---\nmore text", "line-start", 1, "turns the line above it into a heading"),
    ("en", "Text.\n\n  ## Heading", "markdown-sign", 2, "spaces before it"),
    ("en", "Text.\n\n##\n\nText.", "heading", 2, "without text"),
    ("en", "i. one\nii. two", "list", 0, "not a number"),
    ("en", "1.- one\n2.- two", "list", 0, "not a number"),
    ("en", "Bring:\n- passport\n- photo", "list", 1, "empty line before it"),
    ("en", "● passport", "list", 0, "a bullet"),
    ("en", "Text\n\n---\n\nmore\n\n- one\n\n    more of one", "", 0, ""),
)
# Front matter, rule, line of the mistake in the file, and words of the message.
FRONT_MATTER: tuple[tuple[str, str, int, str], ...] = (
    ("---\ntitle： Case\n{rest}---\n", "yaml-syntax", 2, "fullwidth colon"),
    ("—\ntitle: Case\n{rest}—\n", "front-matter", 1, "em dash"),
    ("－－－\ntitle: Case\n{rest}---\n", "front-matter", 1, "fullwidth hyphen-minus"),
    ("---\ntitle: Case\n{rest}----\n", "front-matter", 5, "4 hyphens"),
    ("---\ntitle:\u00a0Case\n{rest}---\n", "yaml-blank", 2, "no-break space"),
    ("---\ntitle:\u3000Case\n{rest}---\n", "yaml-blank", 2, "ideographic space"),
    ("---\ntitle: “Case: one”\n{rest}---\n", "yaml-syntax", 2, "left double quotation mark"),
    ("---\ntitle: Case: one\n{rest}---\n", "yaml-syntax", 2, "a second"),
    ("---\nTitle: Case\n{rest}---\n", "unknown-key", 2, '"title"'),
    ("---\n title: Case\n{rest}---\n", "yaml-syntax", 2, "begins with a space"),
    ("---\ntitle: Case\n{rest}  order: 1\n---\n", "yaml-lines", 4, "on one line"),
    ("---\ntitle: Case #1\n{rest}---\n", "lost-text", 2, '"#1"'),
    ("---\ntitle: 'Don't go'\n{rest}---\n", "yaml-syntax", 2, "double quotes"),
    ('---\ntitle: "Case\n{rest}---\n', "yaml-syntax", 2, "does not close it"),
    ("---\ntitle: *Case*\n{rest}---\n", "yaml-syntax", 2, 'begins with "*"'),
    ("---\ntitle: % Case\n{rest}---\n", "yaml-syntax", 2, 'begins with "%"'),
    ("---\ntitle: - Case\n{rest}---\n", "yaml-syntax", 2, "an item of a list"),
    ("---\ntitle: A **bold** case\n{rest}---\n", "markdown-sign", 2, "cannot have markup"),
    ("---\ntitle: [Case](japan.md)\n{rest}---\n", "yaml-syntax", 2, "in quotes"),
    ("---\ntitle: 2026\n{rest}---\n", "value", 2, "in quotes"),
    ("---\ntitle: A &amp; B\n{rest}---\n", "markdown-sign", 2, "Type the character itself"),
    (
        "---\ntitle: Case\ndescription: A.\nupdated: “2026-11-22”\n---\n",
        "value",
        4,
        "left double quotation mark",
    ),
    ("---\ntitel: Case\n{rest}title: Case\n---\n", "unknown-key", 2, '"title"'),
    (
        "---\ntitle: Case\n{rest}programme: japan, south-korea\n---\n",
        "unknown-programme",
        5,
        "not a programme",
    ),
    ("---\ntitle: Case\nmore words\n{rest}---\n", "yaml-syntax", 3, "no colon"),
    ("---\ntitle; Case\n{rest}---\n", "yaml-syntax", 2, "no colon"),
    ("---\ntitle = Case\n{rest}---\n", "yaml-syntax", 2, "no colon"),
    ("---\ntitle:Case\n{rest}---\n", "yaml-lines", 2, "a space after the colon"),
    ("---\ntitle: Case\n\t{rest}---\n", "yaml-syntax", 3, "a tab"),
    ("---\ntitle: Case\ntitle: Other\n{rest}---\n", "yaml-duplicate-key", 3, "line 2"),
    ("---\ntitle: Case\n{rest}order: １０\n---\n", "value", 5, "fullwidth digit one"),
    ("---\ntitle: Case\n{rest}programme: Japan\n---\n", "unknown-programme", 5, '"japan"'),
    ("---\ntitle: Case\n{rest}moved_from: old\n---\n", "value", 5, '"- …"'),
    ("---\ntitle: Case\n{rest}moved_from: [old name]\n---\n", "moved-from", 5, "guides/money"),
    (
        "---\ntitle: Case\n{rest}moved_from: [https://working-holiday.example/en/old/]\n---\n",
        "moved-from",
        5,
        "guides/money",
    ),
    ("---\ntitle: Case\n{rest}<<<<<<< HEAD\norder: 1\n---\n", "merge-conflict", 5, "git could not merge"),
    ("---\ntitle: Case\ndescription: A.\nupdated: 2026–11–22\n---\n", "value", 4, "en dash"),
    ("---\ntitle: Case\ndescription: A.\nupdated: ２０２６-11-22\n---\n", "value", 4, "fullwidth digit two"),
    ("---\ntitle: Case\ndescription: A.\nupdated: 22-11-2026\n---\n", "value", 4, "2026-04-01"),
    ("---\ntitle: Case\ndescription: A.\nupdated: 2026-22-11\n---\n", "value", 4, "the calendar"),
    ("---\ntitle: Case\ndescription: A [[x]].\nupdated: 2026-11-22\n---\n", "token", 3, "as typed"),
    ("\n---\ntitle : Case\n{rest}--- \n", "", 0, ""),
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """Maps the path of each file to its problems, on the real site with a page for each mistake."""
    root = tmp_path_factory.mktemp("mistakes")
    shutil.copytree(REPOSITORY / "content", root / "content")
    shutil.copy(REPOSITORY / "quota_state.yaml", root)
    for number, (language, text, *_) in enumerate(CASES):
        meta = f"title: Case {number}\ndescription: A case.\nupdated: 2026-11-22\n"
        for code in {"en", language}:
            path = root / "content" / code / f"case-{number}.md"
            body = text if code == language else "Text."
            path.write_text(f"---\n{meta}---\n{body}\n", encoding="utf-8")
    for number, (front, *_) in enumerate(FRONT_MATTER):
        whole = front.replace("{rest}", "description: A case.\nupdated: 2026-11-22\n")
        (root / f"content/en/front-{number}.md").write_text(f"{whole}Text.\n", encoding="utf-8")
    reading = Builder().read(load_tree(root))
    assert reading.manuscript is not None
    by_path: dict[str, list[Problem]] = {}
    for problem in [*reading.problems, *advise(reading.manuscript, at(NOON).date())]:
        if not problem.rule.startswith("translation"):
            by_path.setdefault(problem.path, []).append(problem)
    return by_path


@pytest.mark.parametrize(
    ("number", "case"),
    list(enumerate(CASES)),
    ids=[f"{language}-{text[:30]!r}-{number}" for number, (language, text, *_) in enumerate(CASES)],
)
def test_names_the_mistake(
    number: int, case: tuple[str, str, str, int, str], found: dict[str, list[Problem]]
) -> None:
    """A mistake gives problems of one rule, the first on its line and with the correct text. Correct text gives none."""
    language, _, rule, line, words = case
    problems = found.get(f"content/{language}/case-{number}.md", [])

    assert {problem.rule for problem in problems} == ({rule} if rule else set()), problems
    if rule:
        assert min(problem.line for problem in problems) == 6 + line, problems
        assert any(words in problem.message for problem in problems), problems


@pytest.mark.parametrize(
    ("number", "case"),
    list(enumerate(FRONT_MATTER)),
    ids=[f"{front[:40]!r}-{number}" for number, (front, *_) in enumerate(FRONT_MATTER)],
)
def test_names_the_mistake_in_front_matter(
    number: int, case: tuple[str, str, int, str], found: dict[str, list[Problem]]
) -> None:
    """A mistake in front matter gives one problem, on its line and with the correct text. Correct front matter gives none."""
    _, rule, line, words = case
    problems = found.get(f"content/en/front-{number}.md", [])

    assert [(problem.rule, problem.line) for problem in problems] == ([(rule, line)] if rule else []), (
        problems
    )
    assert all(words in problem.message for problem in problems), problems


def test_there_are_many_mistakes() -> None:
    """The collection has at least 160 mistakes."""
    assert len([case for case in (*CASES, *FRONT_MATTER) if case[-1]]) >= 160


def test_right_files_are_not_blamed(found: dict[str, list[Problem]]) -> None:
    """Mistakes in one file cause no errors in other files."""
    wrong = {
        path
        for path, problems in found.items()
        if "/case-" not in path and "/front-" not in path and any(p.severity == "error" for p in problems)
    }

    assert wrong == set()
