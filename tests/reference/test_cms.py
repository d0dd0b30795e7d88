"""The configuration of the CMS has the fields of the models, and accepts every file of the site."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from reference.cms import DRAFTS, make_configuration, make_text
from reference.schemas import describe
from site_src.builder import Builder
from site_src.read.content import Content
from site_src.read.input_keys import Fact, NoticeMeta, PageMeta
from site_src.read.tree import load_tree
from tests.support.project import REPOSITORY


@pytest.fixture(scope="module")
def content() -> Content:
    """The repository's own content."""
    return Builder().read(load_tree(REPOSITORY)).inputs().manuscript.content


@pytest.fixture(scope="module")
def collections(content: Content) -> dict[str, dict[str, Any]]:
    """Maps the name of each collection of the configuration to the collection, parsed as the CMS parses it."""
    configuration = yaml.safe_load(make_text(make_configuration(content, "owner/name")))
    assert configuration["backend"] == {"name": "github", "repo": "owner/name", "branch": DRAFTS}
    return {collection["name"]: collection for collection in configuration["collections"]}


@pytest.mark.parametrize(("prefix", "model"), [("pages", PageMeta), ("notices", NoticeMeta)])
def test_has_each_key_of_the_model(
    collections: dict[str, dict[str, Any]], content: Content, prefix: str, model: Any
) -> None:
    """In each language, a page and a notice have a field for each key and for the text, required if the model requires it."""
    schema = describe(model)
    for language in content.settings.languages:
        fields = {field["name"]: field for field in collections[f"{prefix}_{language}"]["fields"]}
        assert [*fields] == [*schema["properties"], "body"]
        needed = {name for name, field in fields.items() if field.get("required", True)}
        assert needed == {*schema["required"], "body"}


def test_every_value_is_accepted(collections: dict[str, dict[str, Any]], content: Content) -> None:
    """Each value in each page and notice matches the pattern of its field."""
    for source in content.texts:
        prefix = "notices" if "/_notices/" in source.path else "pages"
        collection = collections[f"{prefix}_{source.path.split('/')[1]}"]
        fields = {field["name"]: field for field in collection["fields"]}
        assert source.path == f"{collection['folder']}/{source.path.rpartition('/')[2]}"
        for key, value in source.lines.value.items():
            pattern = fields[key].get("pattern", ["", ""])[0]
            assert re.search(pattern, str(value)), (source.path, key)


def test_has_each_fact(collections: dict[str, dict[str, Any]], content: Content) -> None:
    """Each fact has fields in its file. A fact that is a number has a number field, so that it stays a number."""
    files = {file["file"]: file for file in collections["facts"]["files"]}
    named = {"content/site.yaml": content.settings.facts}
    named |= {f"content/programmes/{id}.yaml": one.facts for id, one in content.programmes.items()}
    for path, facts in named.items():
        (group,) = files[path]["fields"]
        assert [field["name"] for field in group["fields"]] == [*facts]
        for field in group["fields"]:
            keys = {key["name"]: key for key in field["fields"]}
            assert keys.keys() == describe(Fact)["properties"].keys() - {"values"}
            assert keys["value"]["widget"] == "number"
            assert keys["value"]["required"]


def test_a_fact_with_several_values_has_a_list(content: Content) -> None:
    """A fact with `values` has a list of numbers and dates, and no field for a single value."""
    fact = Fact.model_validate(
        {
            "values": ({"value": 1, "valid_from": "2026-01-01"}, {"value": 2, "valid_from": "2027-01-01"}),
            "source": "x",
        }
    )
    settings = content.settings.model_copy(update={"facts": {"places": fact}})
    text = json.dumps(
        make_configuration(replace(content, settings=settings), "o/n")["collections"][-1]["files"][0]
    )

    assert '"name": "values"' in text
    (places,) = json.loads(text)["fields"][0]["fields"]
    names = [field["name"] for field in places["fields"]]
    assert "value" not in names
    (values,) = [field for field in places["fields"] if field["name"] == "values"]
    assert [field["name"] for field in values["fields"]] == ["value", "valid_from"]
