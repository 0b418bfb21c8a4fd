"""JSON Schemas of the documents, for editors that complete them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from ..writing import writing
from .validate import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of document."""
    result: dict[str, Any] = KINDS[kind].model_json_schema(mode="validation")
    _say_kind(result)
    return {"$schema": DIALECT, **result}


def schema_of_all() -> dict[str, Any]:
    """One JSON Schema for a file that may hold documents of any kind."""
    # All at once: parts of two kinds may be called alike, and pydantic then gives each a name of its own.
    places, whole = models_json_schema([(kind, "validation") for kind in KINDS.values()])
    definitions = whole["$defs"]
    chosen = {kind: places[document, "validation"]["$ref"] for kind, document in KINDS.items()}
    for place in chosen.values():
        _say_kind(definitions[place.removeprefix("#/$defs/")])
    return {
        "$schema": DIALECT,
        "title": "edgert documents",
        "oneOf": [{"$ref": place} for place in chosen.values()],
        "discriminator": {"propertyName": "kind", "mapping": chosen},
        "$defs": definitions,
    }


def _say_kind(document: dict[str, Any]) -> None:
    """A document in YAML has to say its kind; an object in Python has it."""
    document["required"] = ["kind", *(key for key in document.get("required", []) if key != "kind")]


def write(folder: Path) -> list[Path]:
    """Writes edgert.schema.json (any kind) and KIND.schema.json into a folder; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"edgert": schema_of_all(), **{kind.lower(): schema(kind) for kind in KINDS}}
    files = []
    for name, content in texts.items():
        file = folder / f"{name}.schema.json"
        with writing(file):
            file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        files.append(file)
    return files
