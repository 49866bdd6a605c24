"""The generated contracts are current, and the schemas are valid."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from kb import resources

_ROOT = Path(__file__).resolve().parents[2]
_FILES = sorted(resources.schemas().glob("*.schema.json"))
_SCHEMAS: list[dict[str, Any]] = [json.loads(path.read_text(encoding="utf-8")) for path in _FILES]
_REGISTRY = jsonschema_rs.Registry([(each["$id"], each) for each in _SCHEMAS])
_NAMES = [path.name for path in _FILES]


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "tools" / "contracts.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=root)


def test_the_generated_files_are_current() -> None:
    done = _run(_ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_stale_files_are_named_and_regenerated(tmp_path: Path) -> None:
    for folder in ("kb", "schemas", "tools"):
        shutil.copytree(_ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("content", "node_modules", "yasgui"))
    for package in (tmp_path / "kb" / "schema" / "packages").iterdir():
        renamed = package.read_text(encoding="utf-8").replace(" organism", " living-being")
        package.write_text(renamed, encoding="utf-8")
    stale = _run(tmp_path, "--check")
    assert stale.returncode == 1
    named = [line.partition(" ")[0] for line in stale.stdout.splitlines()]
    schemas = ["schemas/values.schema.json", "schemas/fact.schema.json"]
    assert named == [*schemas, "schemas/context.jsonld", "schemas/ontology.ttl", "schemas/shapes.ttl"]
    assert _run(tmp_path).returncode == 0
    assert _run(tmp_path, "--check").returncode == 0
    assert '"living-being": "kb:LivingBeing"' in (tmp_path / "schemas" / "context.jsonld").read_text(encoding="utf-8")


@pytest.mark.parametrize("schema", _SCHEMAS, ids=_NAMES)
def test_every_schema_is_one_of_2020_12(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema_rs.meta.validate(schema)


def _places(schema: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Find every definition and every property that a record may have; conditions only repeat them."""
    if not isinstance(schema, dict):
        return
    for section in ("properties", "$defs"):
        for key, value in schema.get(section, {}).items():
            yield f"{pointer}/{section}/{key}", value
            yield from _places(value, f"{pointer}/{section}/{key}")


def _referred(place: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Add to a place what the definition says that it refers to."""
    if "$ref" not in place:
        return place
    file, _, name = place["$ref"].partition("#/$defs/")
    home = next(each for each in _SCHEMAS if each["$id"].endswith(file)) if file else schema
    return {**home["$defs"][name], **place}


@pytest.mark.parametrize("schema", _SCHEMAS, ids=_NAMES)
def test_everything_is_explained_with_examples_that_hold(schema: dict[str, Any]) -> None:
    assert schema["title"]
    assert schema["description"]
    for pointer, place in _places(schema):
        whole = _referred(place, schema)
        assert whole.get("title"), pointer
        assert whole.get("description"), pointer
        assert whole.get("examples"), pointer
        validator = jsonschema_rs.Draft202012Validator(
            {"$ref": schema["$id"] + pointer}, registry=_REGISTRY, validate_formats=True
        )
        for example in whole["examples"]:
            assert validator.is_valid(example), (pointer, example)
    validator = jsonschema_rs.Draft202012Validator(schema, registry=_REGISTRY, validate_formats=True)
    assert all(validator.is_valid(example) for example in schema.get("examples", ()))


def _with_an_unknown_key(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield {**value, "no-such-key": True}
        for key, inner in value.items():
            yield from ({**value, key: changed} for changed in _with_an_unknown_key(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in _with_an_unknown_key(inner))


@pytest.mark.parametrize("schema", _SCHEMAS, ids=_NAMES)
def test_unknown_keys_are_refused_at_all_levels(schema: dict[str, Any]) -> None:
    for pointer, place in [("#", schema), *_places(schema)]:
        validator = jsonschema_rs.Draft202012Validator({"$ref": schema["$id"] + pointer.rstrip("#")}, registry=_REGISTRY)
        for example in _referred(place, schema).get("examples", ()):
            for changed in _with_an_unknown_key(example):
                assert not validator.is_valid(changed), (pointer, changed)
