"""edgert's own conversions, beside what their operations cost. One file a family."""

from . import frames, pictures, rows, sounds, tensors

__all__ = ["frames", "pictures", "rows", "sounds", "tensors"]
