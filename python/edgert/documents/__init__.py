"""Documents: the YAML texts (or Python objects) that say what runs. Checked here, planned by edgert.planner.

`load(["box.yaml"])` reads files, and raises DocumentErrors with every problem and its line. In Python:
`DocumentSet(Sensor(name="street", source=VideoSource(path="street.avi")), Pipeline(...))`.
"""

from __future__ import annotations

from . import answer
from .application import Application
from .base import Document, Origin
from .care import Frames, MotionTrigger, Reconnect, Trigger
from .collection import DocumentSet
from .device import Device
from .errors import DocumentErrors, Problem, Refused
from .features import (
    AudioInput,
    FeaturesInput,
    ImageInput,
    Input,
    Quantisation,
    TableInput,
)
from .formats import AudioFormat, FrameFormat, ImageFormat, TableFormat
from .joining import SensorJoin, SensorJoinStep
from .load import load, read
from .model import Model
from .native import GstreamerSource, LibrarySource
from .network import MjpegSource, MqttSink, MqttSource, SerialSource, TcpSource
from .pipeline import Pipeline
from .policy import Policy
from .profile import Profile
from .record import RecordSink
from .region import Region
from .resampling import TableResampling
from .resolve import resolve_path
from .scheduler import Scheduler
from .sensor import (
    AudioSource,
    CameraSource,
    ImagesSource,
    Inbox,
    MicrophoneSource,
    PushSource,
    RtspSource,
    Sensor,
    Source,
    SyntheticSource,
    TableSource,
    VideoSource,
)
from .spectra import AudioFeatures, LogMel, Mfcc, MicroFrontend, Pcen, Stft
from .step import Step
from .steps import (
    Condition,
    ConditionStep,
    Filter,
    FilterStep,
    Grid,
    JoinStep,
    ModelStep,
    Regions,
    RegionsStep,
    Threshold,
    ThresholdStep,
    TransformStep,
)
from .tracking import (
    Count,
    CountStep,
    Lines,
    LinesStep,
    Mask,
    MaskStep,
    Tiles,
    Track,
    TrackStep,
    Zones,
    ZonesStep,
)
from .units import Duration

__all__ = [
    "Application",
    "AudioFeatures",
    "AudioFormat",
    "AudioInput",
    "AudioSource",
    "CameraSource",
    "Condition",
    "ConditionStep",
    "Count",
    "CountStep",
    "Device",
    "Document",
    "DocumentErrors",
    "DocumentSet",
    "Duration",
    "FeaturesInput",
    "Filter",
    "FilterStep",
    "FrameFormat",
    "Frames",
    "Grid",
    "GstreamerSource",
    "ImageFormat",
    "ImageInput",
    "ImagesSource",
    "Inbox",
    "Input",
    "JoinStep",
    "LibrarySource",
    "Lines",
    "LinesStep",
    "LogMel",
    "Mask",
    "MaskStep",
    "Mfcc",
    "MicroFrontend",
    "MicrophoneSource",
    "MjpegSource",
    "Model",
    "ModelStep",
    "MotionTrigger",
    "MqttSink",
    "MqttSource",
    "Origin",
    "Pcen",
    "Pipeline",
    "Policy",
    "Problem",
    "Profile",
    "PushSource",
    "Quantisation",
    "Reconnect",
    "RecordSink",
    "Refused",
    "Region",
    "Regions",
    "RegionsStep",
    "RtspSource",
    "Scheduler",
    "Sensor",
    "SensorJoin",
    "SensorJoinStep",
    "SerialSource",
    "Source",
    "Step",
    "Stft",
    "SyntheticSource",
    "TableFormat",
    "TableInput",
    "TableResampling",
    "TableSource",
    "TcpSource",
    "Threshold",
    "ThresholdStep",
    "Tiles",
    "Track",
    "TrackStep",
    "TransformStep",
    "Trigger",
    "VideoSource",
    "Zones",
    "ZonesStep",
    "answer",
    "load",
    "read",
    "resolve_path",
]
