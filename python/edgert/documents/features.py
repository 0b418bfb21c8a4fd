"""What a model's input tensor must be: from pictures, sounds, tables, or another step's output."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from .base import Columns, Pair, Part
from .resampling import TableResampling
from .spectra import AudioFeatures
from .units import Rate, Span


def as_list(value: Any) -> Any:
    """One value as a list of it; a list as it is."""
    return value if isinstance(value, (list, tuple)) else [value]


def _size(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("size", "should be a whole number of pixels, or [width, height]")
    return (value, value)


Numbers = Annotated[
    list[float], BeforeValidator(as_list, json_schema_input_type=float | list[float]), Field(min_length=1)
]
"""One number for all, or one each."""

Deviation = Annotated[
    list[Annotated[float, Field(gt=0)]],
    BeforeValidator(as_list, json_schema_input_type=float | list[float]),
    Field(min_length=1),
]
"""What is divided by, above 0: one number for all, or one each."""

Side = Annotated[int, Field(ge=1)]
Size = Annotated[tuple[Side, Side], BeforeValidator(_size, json_schema_input_type=Side | tuple[Side, Side])]
"""Width and height; one number is both."""

DType = Literal["float32", "float16", "uint8", "int8"]


class Quantisation(Part):
    """How an integer stands for a value: value = (integer - zero) * scale."""

    scale: float = Field(gt=0)
    zero: int = 0


class Encoded(Part):
    """How values are stored; left out, as the model file says."""

    dtype: DType | None = None
    quantisation: Quantisation | None = None


class ImageInput(Encoded):
    """A picture, or a region of one."""

    size: Size | None = None
    """[width, height] in pixels, or one number for both; left out, the model file's."""
    layout: Literal["nhwc", "nchw"] | None = None
    """Left out, the model file's."""
    fit: Literal["stretch", "letterbox", "centre_crop"] = "stretch"
    """How a picture of another shape is fitted in."""
    colour: Literal["rgb", "bgr", "gray"] = "rgb"
    range: Pair | None = None
    """What pixel 0 and pixel 255 become: [0, 1], [-1, 1]. Or say mean and deviation."""
    mean: Numbers | None = None
    """In pixels of 0..255, one or one a channel: value = (pixel - mean) / deviation."""
    deviation: Deviation | None = None
    filter: Literal["bilinear", "area", "nearest"] = "bilinear"
    pad: float = Field(default=0.0, ge=0, le=255)
    """The pixel outside the picture."""

    @model_validator(mode="after")
    def _one_scaling(self) -> ImageInput:
        if self.range and (self.mean or self.deviation):
            raise PydanticCustomError("one_of", "say range, or mean and deviation, not both")
        if self.range and self.range[0] == self.range[1]:
            raise PydanticCustomError(
                "range", "range begins and ends at the same number, so every pixel would be it; write two"
            )
        self._refuse_unit_pixels()
        return self

    def _refuse_unit_pixels(self) -> None:
        numbers = [*(self.mean or ()), *(self.deviation or ())]
        if self.mean and self.deviation and all(0 < abs(number) < 1 for number in numbers):
            raise PydanticCustomError(
                "pixels",
                "mean and deviation look as if pixels were 0..1; they are in 0..255: multiply by 255",
            )


class AudioInput(Encoded):
    """A window of sound: its samples in [-1, 1], or features of them."""

    rate: Rate
    window: Span
    """Samples at `rate`, or a duration."""
    hop: Span | None = None
    """From a window's start to the next one's; left out, windows follow each other."""
    pad_start: Span = 0
    """Zeros before the first sample."""
    gain: float | None = Field(default=None, gt=0)
    """Samples are multiplied by it: 32767 for a model that wants int16's range."""
    peak: float | None = Field(default=None, gt=0)
    """Each window is scaled so that its greatest sample becomes this."""
    features: AudioFeatures | None = None
    shape: list[int] | None = None
    """The tensor's shape, when it has the same numbers in another one."""


class TableInput(Encoded):
    """A window of rows: [rows, columns]."""

    columns: Columns | None = None
    """In the model's order; left out, the sensor's."""
    rate: Rate | None = None
    """Rows a second that the model was made for; without `resample`, a sensor of another rate is refused."""
    resample: TableResampling | None = None
    """Brings the sensor's rows to `rate`."""
    window: Span
    """Rows, or a duration."""
    hop: Span | None = None
    """Left out, windows follow each other."""
    magnitude: bool = False
    """The length of each row's vector instead of its numbers."""
    mean: Numbers | None = None
    """Each column becomes (value - mean) / deviation."""
    deviation: Deviation | None = None
    layout: Literal["rows", "columns"] = "rows"
    """What comes first: time (rows), or columns."""
    shape: list[int] | None = None

    @model_validator(mode="after")
    def _to_a_rate(self) -> TableInput:
        if self.resample is not None and self.rate is None:
            raise PydanticCustomError(
                "rate", "resample needs rate, the rows a second to bring them to; write rate beside it"
            )
        return self


class FeaturesInput(Encoded):
    """Another step's output: as it is, or windows of its rows."""

    columns: int | None = Field(default=None, ge=1)
    """Numbers a row, when rows are collected by `window`; left out, the length of the output's last axis."""
    window: int | None = Field(default=None, ge=1)
    """Rows that are collected before the model runs."""
    hop: int | None = Field(default=None, ge=1)
    rate: Rate | None = None
    """Rows a second, for the windows' times; left out, times are in rows."""
    mean: Numbers | None = None
    """Numbers become (value - mean) / deviation."""
    deviation: Deviation | None = None
    shape: list[int] | None = None


class Input(Part):
    """One of image, audio, table and features."""

    image: ImageInput | None = None
    audio: AudioInput | None = None
    table: TableInput | None = None
    features: FeaturesInput | None = None

    @model_validator(mode="after")
    def _one(self) -> Input:
        if sum(each is not None for each in (self.image, self.audio, self.table, self.features)) != 1:
            raise PydanticCustomError("one_of", "say exactly one of image, audio, table and features")
        return self

    @property
    def what(self) -> ImageInput | AudioInput | TableInput | FeaturesInput:
        """The one that is set."""
        chosen = self.image or self.audio or self.table or self.features
        assert chosen
        return chosen
