"""Whether a table has what a model reads. A zoo model's document can't be at fault: the sensor's is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgert.documents import Model, Refused, Sensor, TableInput
from edgert.documents.collection import ZOO_DOCUMENTS


def is_of_zoo(model: Model) -> bool:
    """Whether the document came with edgert."""
    return model.origin is not None and model.origin.file.parent == ZOO_DOCUMENTS


def check_table(
    model: Model, wanted: TableInput, tensor: Mapping[str, Any], sensor: Sensor, format: Mapping[str, Any]
) -> None:
    """Refuses a sensor whose columns or rate aren't those of a zoo model, at the sensor's line."""
    if not is_of_zoo(model):
        return
    known, rate = list(format.get("columns", [])), float(format.get("rate") or 0)
    missing = [name for name in wanted.columns or () if name not in known]
    key = ("source", "format", "columns") if sensor.source.type == "push" else ("source", "columns")
    if missing:
        names = ", ".join(wanted.columns or ())
        what = f"zoo:{model.name} reads the columns {names}, and this sensor has {', '.join(known)}"
        remedy = "call its columns so, in the file or in the document, or name another sensor in the pipeline"
        raise Refused(what, remedy, key, sensor)
    count = _columns(wanted, tensor)
    if count and len(known) != count:
        what = (
            f"zoo:{model.name} reads {count} columns, and this sensor gives {len(known)}: {', '.join(known)}"
        )
        raise Refused(what, f"say which {count} in columns, in the model's order", key, sensor)
    if wanted.rate and rate and wanted.rate != rate:
        what = f"zoo:{model.name} was made for {wanted.rate:g} rows a second, and this sensor gives {rate:g}"
        remedy = "record at that rate, or use a copy of the model's document with resample: {}"
        raise Refused(what, remedy, (*key[:-1], "rate"), sensor)


def _columns(wanted: TableInput, tensor: Mapping[str, Any]) -> int | None:
    """How many columns the model's tensor has room for, where that can be told."""
    shape = list(tensor["shape"])
    told = wanted.columns is None and wanted.layout == "rows" and not wanted.magnitude and not wanted.shape
    return shape[-1] if told and len(shape) > 1 and shape[-1] > 0 else None
