"""edgert's own conversions, beside what their operations cost. One file a family."""

from . import frames, pictures, rows, sounds, stepwise, tensors

__all__ = ["frames", "pictures", "rows", "sounds", "stepwise", "tensors"]
