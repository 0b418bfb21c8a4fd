"""JSON Schemas of the documents, for editors that complete them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..writing import writing
from .validate import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of document."""
    result: dict[str, Any] = KINDS[kind].model_json_schema(mode="validation")
    result["required"] = ["kind", *(key for key in result.get("required", []) if key != "kind")]
    return {"$schema": DIALECT, **result}


def schema_of_all() -> dict[str, Any]:
    """One JSON Schema for a file that may hold documents of any kind."""
    definitions: dict[str, Any] = {}
    for kind in KINDS:
        one = schema(kind)
        definitions.update(one.pop("$defs", {}))
        one.pop("$schema")
        definitions[kind] = one
    chosen = [{"$ref": f"#/$defs/{kind}"} for kind in KINDS]
    mapping = {kind: f"#/$defs/{kind}" for kind in KINDS}
    discriminator = {"propertyName": "kind", "mapping": mapping}
    return {
        "$schema": DIALECT,
        "title": "edgert documents",
        "oneOf": chosen,
        "discriminator": discriminator,
        "$defs": definitions,
    }


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
