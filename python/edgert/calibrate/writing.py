"""The pipeline's document with the key that was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from edgert.documents import Pipeline
from edgert.documents.pipeline import DEFAULT_APPLICATION
from edgert.documents.yaml_text import read


def with_key(pipeline: Pipeline, step: str, key: dict[str, Any]) -> str:
    """The document as it was written, without comments, its step with `while` in place of max_age.

    Raises ValueError for a pipeline that was made in Python: it has no text.
    """
    if pipeline.origin is None:
        raise ValueError(f"{pipeline.title} was made in Python, and has no document to write")
    for text in read(Path(pipeline.origin.file).read_text(encoding="utf-8")):
        data = text.data
        if isinstance(data, dict) and _is(data, pipeline):
            for one in data["steps"]:
                if one["name"] == step:
                    one.pop("max_age", None)
                    one["while"] = key
            return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    raise ValueError(f"{pipeline.origin.file} no longer has {pipeline.title}")


def _is(data: dict[str, Any], pipeline: Pipeline) -> bool:
    said = (data.get("kind"), data.get("application") or DEFAULT_APPLICATION, data.get("name"))
    return said == (pipeline.KIND, pipeline.owner, pipeline.name)
