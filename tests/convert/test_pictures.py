"""Pictures: which files are published, which are refused, and where a page may show one."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from site_src.builder import Builder
from site_src.cache import Memo
from site_src.check.advice import advise
from site_src.cli import main
from site_src.convert.published_pictures import Picture, convert_pictures
from site_src.convert.raster import encode
from site_src.convert.vector import UnusableDrawing, redraw
from site_src.file_lock import Wait
from site_src.gate.expectation import Expectation
from site_src.gate.pixels import has_only_pixels
from site_src.instants import Moment
from site_src.memo_file import load_memo
from site_src.problems import InputRefused, Problem, Report
from site_src.publish.publisher import Publisher
from site_src.publish.releases import target_lock
from site_src.read.tree import load_tree
from tests.support.building import find_refusals
from tests.support.html_pages import parse
from tests.support.project import NOON, REPOSITORY, SITES, Project, at

PHOTO = Image.effect_noise((90, 60), 80).convert("RGB")
SHADES = Image.linear_gradient("L").resize((64, 40))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">{}</svg>'
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    """Returns the picture as the bytes of a file in this format."""
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def with_exif(image: Image.Image, orientation: int) -> bytes:
    """Returns a JPEG file with an orientation, a GPS position, a comment and a colour profile."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    return saved(image, "JPEG", exif=exif, comment=b"taken by Jane", icc_profile=SRGB)


def convert(
    files: dict[str, bytes], waits: bool = True, memo: Memo | None = None
) -> tuple[dict[str, Picture | None], list[str]]:
    """Returns the pictures and the problems of these files."""
    report = Report()
    found = convert_pictures(files, memo or Memo(), report, waits)
    return dict(found), [str(problem) for problem in report.problems]


def illustrate(
    project: Project, name: str = "map.png", data: bytes | None = None, text: str | None = None
) -> None:
    """Adds a picture to the content and to the first English page."""
    project.write(f"content/images/{name}", data or saved(PHOTO, "PNG"))
    page = project.root / "content/en/index.md"
    page.write_text(
        page.read_text(encoding="utf-8") + f"\n{text or f'![The way]({name})'}\n", encoding="utf-8"
    )


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(PHOTO, id="photo"),
        pytest.param(SHADES, id="grey"),
        pytest.param(SHADES.convert("1"), id="black-and-white"),
        pytest.param(SHADES.convert("P"), id="palette"),
        pytest.param(PHOTO.convert("RGBA"), id="opaque-alpha"),
        pytest.param(Image.merge("RGBA", [*PHOTO.split(), SHADES.resize(PHOTO.size)]), id="transparent"),
        pytest.param(Image.frombytes("I;16", (2, 1), b"\0\x80\xff\xff"), id="16-bit"),
    ],
)
def test_every_kind_of_pixels_is_published_as_pixels_alone(image: Image.Image) -> None:
    """A PNG file of any mode becomes a WebP file and a file for every browser. Both have the same size, and only pixels."""
    width, height, files = encode(saved(image, "PNG"), ".png")

    assert (width, height) == image.size
    assert next(iter(files)) == ".webp"
    assert len(files) == 2
    for data in files.values():
        assert has_only_pixels(data)
        assert Image.open(io.BytesIO(data)).size == (width, height)


def test_shades_of_16_bits_keep_their_brightness() -> None:
    """A 16-bit picture is not clipped to white."""
    _, _, files = encode(saved(Image.frombytes("I;16", (2, 1), b"\0\x80\xff\xff"), "PNG"), ".png")

    assert [Image.open(io.BytesIO(files[".png"])).convert("L").getpixel((x, 0)) for x in (0, 1)] == [128, 255]


def test_a_photo_is_upright_without_metadata_and_small() -> None:
    """A photo is turned as its EXIF data says, loses all metadata, and is reduced to at most 1600 pixels a side."""
    width, height, files = encode(with_exif(PHOTO.resize((3000, 1500)), orientation=6), ".jpg")

    assert (width, height) == (800, 1600)
    for data in files.values():
        assert not any(word in data for word in (b"Exif", b"taken by", b"ICC", b"http"))
        assert has_only_pixels(data)


@pytest.mark.parametrize(
    "options",
    [{}, {"icc_profile": SRGB}, {"icc_profile": b"junk"}],
    ids=["plain", "profile", "broken-profile"],
)
def test_a_picture_for_print_is_converted(options: dict[str, bytes]) -> None:
    """A CMYK file is published in RGB, with or without a colour profile."""
    _, _, files = encode(saved(PHOTO.convert("CMYK"), "JPEG", **options), ".jpg")

    assert all(Image.open(io.BytesIO(data)).mode == "RGB" for data in files.values())


def test_the_first_picture_of_a_telephones_file_is_published() -> None:
    """If a phone's JPEG file contains several pictures (MPO), only the first one is published."""
    data = saved(PHOTO, "MPO", save_all=True, append_images=[SHADES.convert("RGB")])
    width, height, files = encode(data, ".jpg")

    assert (width, height) == PHOTO.size
    assert all(has_only_pixels(data) for data in files.values())


def test_another_process_gives_the_same_bytes() -> None:
    """A different process converts the same file to the same bytes."""
    data = with_exif(PHOTO, 1)
    code = "import sys; from site_src.convert.raster import encode; sys.stdout.buffer.write(b''.join(encode(sys.stdin.buffer.read(), '.jpg')[2].values()))"
    done = subprocess.run(
        [sys.executable, "-c", code], input=data, cwd=REPOSITORY, capture_output=True, check=True
    )

    assert done.stdout == b"".join(encode(data, ".jpg")[2].values())


def test_a_picture_is_converted_once(tmp_path: Path) -> None:
    """The memo stores each converted picture and each fault, so that a file is converted only once."""
    memo, files = load_memo(tmp_path / "memo"), {"a.png": saved(PHOTO, "PNG"), "b.png": b"\x89PNG"}
    first = convert(files, memo=memo)
    memo.save()
    kept = (tmp_path / "memo").read_bytes()

    assert convert(files, memo=memo) == first
    memo.save()
    assert (tmp_path / "memo").read_bytes() == kept


BOMB = saved(Image.new("1", (8_000, 8_000)), "PNG")
TWO = {"save_all": True, "append_images": [SHADES.rotate(90).convert("RGB")]}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("a.png", saved(PHOTO, "PNG")[:-60], "is damaged or incomplete", id="truncated"),
        pytest.param("a.jpg", saved(PHOTO, "JPEG")[:300], "is damaged or incomplete", id="truncated-jpeg"),
        pytest.param("a.png", BOMB, "has more than 50 million pixels", id="bomb"),
        pytest.param("a.png", saved(Image.new("1", (1, 30_000)), "PNG"), "a side of more than 20,000", id="thread"),
        pytest.param("a.webp", saved(SHADES.convert("RGB"), "WEBP", **TWO), "is animated", id="animated-webp"),
        pytest.param("a.png", saved(SHADES.convert("RGB"), "PNG", **TWO), "is animated", id="animated-png"),
        pytest.param("a.png", saved(SHADES, "GIF"), "has the name of a PNG, JPEG or WebP file", id="gif-by-another-name"),
        pytest.param("a.png", saved(PHOTO, "JPEG"), 'Rename it so that it ends with ".jpg"', id="wrong-ending"),
        pytest.param("a.jpg", b"<html>", "has the name of a PNG, JPEG or WebP file", id="a-page"),
        pytest.param("a.svg", b"\x89PNG", "is not an SVG file", id="svg-by-name-only"),
    ],
)  # fmt: skip
def test_an_unusable_file_is_a_problem(name: str, data: bytes, message: str) -> None:
    """A file that cannot be read as a picture is reported with its path and what to do."""
    pictures, (problem,) = convert({name: data})

    assert pictures == {name: None}
    assert problem.startswith(f"content/images/{name}:")
    assert message in problem


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("Map.png", b"x", "Use lower-case letters, digits and hyphens", id="capital"),
        pytest.param("地図.png", b"x", "Use lower-case letters, digits and hyphens", id="unicode"),
        pytest.param("a.PNG", b"x", "Use lower-case letters, digits and hyphens", id="capital-ending"),
        pytest.param("a.gif", b"x", "Save it as PNG, JPEG, WebP or SVG", id="gif"),
        pytest.param("a.heic", b"x", "Save it as PNG, JPEG, WebP or SVG", id="heic"),
        pytest.param("a.md", b"x", "is not a picture", id="page"),
        pytest.param("b/a.png", b"x", "Move it to content/images/", id="folder"),
        pytest.param("style.png", b"x", "Choose another name", id="reserved"),
        pytest.param("a.png", b"", "is empty", id="empty"),
        pytest.param("a.png", b"\x89PNG" + bytes(8 * 1024 * 1024), "is larger than 8 MiB", id="large"),
        pytest.param("a.svg", b"<svg>" + bytes(256 * 1024), "is larger than 256 KiB", id="large-drawing"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_belong_in_the_folder_is_a_problem(
    project: Project, name: str, data: bytes, message: str
) -> None:
    """A file in the folder of pictures is reported if its name, type, size or place is not allowed."""
    project.write(f"content/images/{name}", data)

    (problem,) = Builder().read(load_tree(project.root)).problems
    assert problem.path == f"content/images/{name}"
    assert message in problem.message


def test_a_link_to_a_file_elsewhere_is_a_problem(project: Project, tmp_path: Path) -> None:
    """A symbolic link in the folder of pictures is refused."""
    project.write("content/images/a.png", saved(PHOTO, "PNG")).rename(tmp_path / "a.png")
    (project.root / "content/images/a.png").symlink_to(tmp_path / "a.png")

    (problem,) = Builder().read(load_tree(project.root)).problems
    assert (problem.path, problem.rule) == ("content/images/a.png", "symbolic-link")


@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        pytest.param('<rect width="9" height="5" onclick="x()" fill="red"/>', '<rect fill="red" height="5" width="9"></rect>', id="handler"),
        pytest.param('<path d="M0 0h9" style="stroke:#000;cursor:url(x)"/>', '<path d="M0 0h9" stroke="#000"></path>', id="style"),
        pytest.param("<text x='1'>A &lt; B<tspan>&#233;</tspan></text>", '<text x="1">A &lt; B<tspan>é</tspan></text>', id="text"),
        pytest.param("<title>x</title><metadata><a/></metadata><!-- c --><?p?>", "", id="invisible"),
        pytest.param('<i:x xmlns:i="urn:i"><rect/></i:x>', "", id="other-vocabulary"),
    ],
)  # fmt: skip
def test_a_drawing_is_written_again_from_a_list(inside: str, kept: str) -> None:
    """A published drawing keeps its shapes and text. Handlers, comments, metadata and foreign vocabularies are removed."""
    width, height, data = redraw(SVG.format(inside).encode())

    assert (width, height) == (100, 50)
    assert data.decode().partition(">")[2] == f"{kept}</svg>\n"


@pytest.mark.parametrize(
    "inside",
    [
        *("<script>x</script>", "<foreignObject/>", "<image href='x'/>", "<use href='#a'/>", "<style>a{}</style>", "<a href='/'><rect/></a>"),
        *("<defs/>", "<animate/>", "<set/>", "<svg/>", "<filter/>", '<rect fill="url(#a)"/>', '<rect style="fill:url(https://a.test/)"/>'),
        *('<rect fill="URL (#a)"/>', '<rect fill="u\\72l(#a)"/>', '<text font-family="a;b:c"/>', "<rect>", "&unknown;"),
    ],
)  # fmt: skip
def test_a_drawing_that_runs_or_loads_is_refused(inside: str) -> None:
    """A drawing with an element or value that is not allowed is refused, because it would look different without it."""
    with pytest.raises(UnusableDrawing) as refused:
        redraw(SVG.format(f"\n{inside}").encode())

    assert refused.value.line == 2


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
        b"<svg/>",
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 x 1"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan inf"/>',
        b"",
    ],
)
def test_other_xml_is_no_drawing(data: bytes) -> None:
    """A drawing with a document type, a different root element, or no size is refused."""
    with pytest.raises(UnusableDrawing):
        redraw(data)


def test_a_page_shows_its_picture(project: Project) -> None:
    """The page shows the picture with its size and alternative text. Both files of the picture are published."""
    illustrate(project, text='![The "way" to [[japan.places_per_year]]](map.png) and ![decorative](line.svg)')
    project.write("content/images/line.svg", SVG.format("<line x2='9'/>"))
    built = project.built()
    page = parse("en/index.html", built.files["en/index.html"])

    first, second = page.elements("img")
    (source,) = page.elements("source")
    assert (first.get("alt"), first.get("width"), first.get("height"), first.get("loading")) == (
        'The "way" to 200',
        "90",
        "60",
        "lazy",
    )
    assert (second.get("alt"), second.get("width")) == ("", "100")
    paths = [str(first.get("src")), str(second.get("src")), str(source.get("srcset"))]
    assert source.get("type") == "image/webp"
    assert all(path.removeprefix("/") in built.files for path in paths)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("![](map.png)", "without an alternative text", id="no-words"),
        pytest.param("![The way](mop.png)", 'Did you mean "map.png"?', id="misspelt"),
        pytest.param("![The way](../images/map.png)", 'Write only its name: "map.png"', id="path"),
        pytest.param(
            "![The way](https://a.test/map.png)",
            "shows a picture that is not in content/images/",
            id="elsewhere",
        ),
        pytest.param('![The way](map.png "A title")', "gives the picture", id="title"),
        pytest.param('<img src="map.png" alt="The way">', "with HTML", id="html"),
    ],
)
def test_a_picture_that_cannot_be_shown_so_is_a_problem(project: Project, text: str, message: str) -> None:
    """A mistake in the Markdown of a picture is reported on its line."""
    illustrate(project, text=text)
    lines = (project.root / "content/en/index.md").read_text(encoding="utf-8").splitlines()

    with pytest.raises(InputRefused) as refused:
        project.built()
    (problem,) = [problem for problem in refused.value.problems if problem.severity == "error"]
    assert (problem.path, problem.line) == ("content/en/index.md", lines.index(text) + 1)
    assert message in problem.message


def review(project: Project, line: str) -> None:
    """Sets the line `pictures_reviewed_by` of the English page about Japan."""
    path = project.root / "content/en/japan.md"
    text = re.sub("pictures_reviewed_by: .*\n", "", path.read_text(encoding="utf-8"))
    project.write(
        "content/en/japan.md",
        text.replace("programme: japan\n", f"programme: japan\npictures_reviewed_by: {line}\n"),
    )


def test_a_review_is_of_the_picture_as_it_is_now(project: Project) -> None:
    """A programme's page needs a review of its pictures, and the error contains the line to add.

    If a picture is replaced, it needs a new review.
    """
    project.write("content/images/map.png", saved(PHOTO, "PNG"))
    page = (project.root / "content/en/japan.md").read_text(encoding="utf-8")
    project.write("content/en/japan.md", f"{page}\n![The way](map.png)\n")

    def refusal() -> Problem:
        with pytest.raises(InputRefused) as refused:
            project.built()
        (problem,) = [problem for problem in refused.value.problems if problem.severity == "error"]
        return problem

    missing = refusal()
    assert (missing.path, missing.line, missing.rule) == ("content/en/japan.md", 4, "picture")
    assert "pictures_reviewed_by: is missing" in missing.message
    review(project, re.findall('"pictures_reviewed_by: (.*)"', missing.message)[0])
    assert 'has "your name"' in refusal().message
    review(project, "Jane Doe, 26 November 2026")
    assert "does not list the current version of map.png" in refusal().message

    (typed,) = re.findall("map.png [0-9a-f]{8}", refusal().message)
    review(project, f"Jane Doe, 26 November 2026, {typed}")
    text = project.built().files["en/japan/index.html"].decode()
    assert "<picture>" in text
    assert "Jane Doe" not in text

    project.write("content/images/map.png", saved(SHADES, "PNG"))
    (fresh,) = re.findall("map.png [0-9a-f]{8}", refusal().message)
    assert fresh != typed


def test_the_gate_itself_refuses_a_picture_that_nobody_reviewed(project: Project) -> None:
    """The gate refuses an unreviewed picture on a programme's page or in an embedded notice, even if code added it."""
    illustrate(project)
    builder, moment = Builder(), Moment(at(NOON))
    draft = builder.draft(builder.read(load_tree(project.root)).inputs(), moment)
    picture = draft.files["en/index.html"].decode().partition("<picture>")[2].partition("</picture>")[0]
    assert find_refusals(draft.files, draft.expected) == []

    for path in ("en/japan/index.html", "embed/en/japan.html"):
        page = draft.files[path].decode().replace("</body>", f"<picture>{picture}</picture></body>").encode()
        refusals = find_refusals({**draft.files, path: page}, draft.expected)
        assert {refusal.path for refusal in refusals} == {path}
        assert "has the element <picture>" in " ".join(map(str, refusals))


def test_notices_have_no_pictures(project: Project) -> None:
    """A picture in a notice is an error, because feeds and partners' pages also show notices."""
    illustrate(project)
    notice = (project.root / "content/en/_notices/open.md").read_text(encoding="utf-8")
    project.write("content/en/_notices/open.md", f"{notice}\n![The way](map.png)\n")

    with pytest.raises(InputRefused, match="Notices cannot have pictures"):
        project.built()


def test_a_page_has_a_budget(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures of one page may not exceed a limit in bytes."""
    monkeypatch.setattr("site_src.check.pictures.MAX_PAGE_KIB", 1)
    illustrate(project)

    with pytest.raises(InputRefused, match="a page may have at most 1 KiB"):
        project.built()


def test_check_asks_to_look(project: Project) -> None:
    """`check` lists each shown picture, with a warning until a review names it, and then with a note.

    A picture that no page shows gets a warning.
    """
    illustrate(project)
    project.write("content/images/other.png", saved(SHADES, "PNG"))

    def find_problems() -> list[Problem]:
        manuscript = Builder().read(load_tree(project.root)).manuscript
        assert manuscript
        return [p for p in advise(manuscript, at(NOON).date()) if p.rule == "picture-look"]

    asked, unused = find_problems()
    assert (asked.path, asked.severity) == ("content/images/map.png", "warning")
    assert asked.message.startswith("may show an address or a QR code that no program reads")
    assert unused.message.startswith("is not on any page")

    (line,) = re.findall('"(pictures_reviewed_by: .*)"', asked.message)
    project.replace(
        "content/en/index.md", "title:", line.replace("your name, today's date", "Jane Doe") + "\ntitle:"
    )
    reviewed, _ = find_problems()
    assert (reviewed.path, reviewed.severity) == ("content/images/map.png", "note")
    assert str(reviewed).startswith("content/images/map.png:1: note: may show ")


def test_strict_accepts_a_reviewed_picture(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check --strict` refuses an unreviewed picture. A reviewed picture is only a note, which is not counted."""
    monkeypatch.setattr("site_src.commands.check.rehearse", lambda *_: None)
    shutil.copytree(SITES / "translated", project.root, dirs_exist_ok=True)
    illustrate(project, "line.svg", SVG.format("<line x2='9'/>").encode(), "![The way](line.svg)")
    words = ("check", "--at", NOON, "--strict")

    assert main(words, project.root) == 1
    (line,) = re.findall('"(pictures_reviewed_by: .*?)"', capsys.readouterr().err)
    project.replace(
        "content/en/index.md", "title:", line.replace("your name, today's date", "Jane Doe") + "\ntitle:"
    )
    assert main(words, project.root) == 0
    printed = capsys.readouterr().err
    assert "content/images/line.svg:1: note: may show " in printed
    assert printed.endswith("0 errors, 0 warnings\n")


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        pytest.param("en", "![map](map.png)", "does not say what the picture shows", id="name"),
        pytest.param("en", "![Map.png](map.png)", "does not say what the picture shows", id="file"),
        pytest.param("en", "![Screenshot](map.png)", "does not say what the picture shows", id="kind"),
        pytest.param("nl", "![Decoratief](map.png)", '"![decorative](map.png)"', id="translated-decorative"),
        pytest.param("en", "![Image of the way](map.png)", 'Write only what the picture shows: "![the way](map.png)"', id="image-of"),
        pytest.param("nl", "![Een foto van de weg](map.png)", "Write only what the picture shows", id="foto-van"),
        pytest.param("en", "![The way](map.png) ![The way](line.svg)", "also the alternative text of line.svg", id="same"),
        pytest.param("nl", "![The red line](map.png)", "Translate it", id="untranslated"),
        pytest.param("en", "![The way](map.png) ![decorative](line.svg) ![decorative](map.png)", None, id="right"),
        pytest.param("nl", "![IND](map.png)", None, id="a-name"),
    ],
)  # fmt: skip
def test_an_alternative_text_says_what_the_picture_shows(
    project: Project, language: str, text: str, words: str | None
) -> None:
    """An alternative text gets a warning if it is a file name, names only a kind of picture, or is repeated or untranslated."""
    project.write("content/images/map.png", saved(PHOTO, "PNG"))
    project.write("content/images/line.svg", SVG.format("<line x2='9'/>"))
    meta = "---\ntitle: Case\ndescription: A case.\nupdated: 2026-11-22\n---\n"
    project.write("content/en/case.md", f"{meta}![The red line](map.png)\n\n![IND](map.png)\n")
    project.write(f"content/{language}/case.md", f"{meta}\n{text}\n")
    manuscript = Builder().read(load_tree(project.root)).manuscript
    assert manuscript
    found = [p for p in advise(manuscript, at(NOON).date()) if p.rule == "alternative-text"]

    assert {(p.path, p.line, p.severity) for p in found} == (
        {(f"content/{language}/case.md", 7, "warning")} if words else set()
    )
    assert not words or any(words in p.message for p in found)


def test_a_closing_does_not_wait_for_a_picture(project: Project) -> None:
    """With `waits=False`, a picture that the memo does not have is not converted: the page shows its alternative text.

    A picture that the memo has is shown.
    """
    illustrate(project)
    memo, tree = Memo(), load_tree(project.root)
    hurried = Builder(memo)
    page = (
        hurried.build(hurried.read(tree, waits=False).inputs(), Moment(at(NOON)))
        .files["en/index.html"]
        .decode()
    )
    assert "<p>The way</p>" in page

    unhurried = Builder(memo)
    page = unhurried.build(unhurried.read(tree).inputs(), Moment(at(NOON))).files["en/index.html"].decode()
    assert "<picture>" in page
    again = Builder(memo)
    page = (
        again.build(again.read(tree, waits=False).inputs(), Moment(at(NOON))).files["en/index.html"].decode()
    )
    assert "<picture>" in page


def test_a_closing_does_not_wait_while_another_publish_converts(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`publish` converts pictures before it locks the target, so that a closing can be published during that time."""
    illustrate(project)
    target, converted = tmp_path / "target", []

    def convert_unlocked(data: bytes, ending: str) -> tuple[int, int, dict[str, bytes]]:
        with target_lock(target, Wait(0)):
            converted.append(ending)
        return encode(data, ending)

    monkeypatch.setattr("site_src.convert.raster.encode", convert_unlocked)
    done = Publisher(project.root, target, who="test", keep=2).publish()

    assert converted == [".png"]
    assert "<picture>" in next(done.release.folder.rglob("en/index.html")).read_text(encoding="utf-8")


def test_a_site_with_pictures_says_how_to_install_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Pillow, a raster picture is a problem whose message has the command to type. A drawing needs no library."""
    monkeypatch.setattr("site_src.convert.published_pictures.find_spec", lambda _: None)
    pictures, problems = convert({"a.png": saved(PHOTO, "PNG"), "b.svg": SVG.format("").encode()})

    assert problems == [
        "content/images/a.png:1: needs Pillow, which is not installed here. Install it: make extra-pictures"
    ]
    assert pictures["b.svg"]


def test_a_site_without_pictures_does_not_import_pillow(project: Project) -> None:
    """A build of a site without pictures does not import Pillow."""
    code = "import sys, pathlib; from site_src.builder import Builder; from site_src.read.tree import load_tree; Builder().read(load_tree(pathlib.Path('.'))); print('PIL' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        pytest.param(
            "https://start.request.test/japan/en", "shows the conversation starter", id="hidden-address"
        ),
        pytest.param("https://elsewhere.test/page", "leads to elsewhere.test", id="unknown-host"),
        pytest.param("no address", None, id="no-address"),
    ],
)
def test_the_gate_reads_codes(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, message: str | None
) -> None:
    """The gate refuses a picture if `zbarimg` reads a forbidden address from a code in it."""
    program = tmp_path / "bin/zbarimg"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nhead -c 4 > /dev/null\necho "{said}"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("site_src.scan.qr_codes.find_program", lambda: str(program))
    illustrate(project)
    builder = Builder()
    draft = builder.draft(builder.read(load_tree(project.root)).inputs(), Moment(at(NOON)))
    assert isinstance(draft.expected, Expectation)

    (refusals,) = builder.gate.find_refusals((draft.files, draft.expected))
    assert any(message in str(refusal) for refusal in refusals) if message else refusals == []
