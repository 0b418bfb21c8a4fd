"""Feature sharing between models: those that begin with the same layers and weights are cut at the last
tensors that they have in common, and what they have in common runs once. docs/feature-sharing.md says how.
"""

from .deciding import decide
from .decision import Decision, Member, PieceFile
from .errors import Uncut
from .group import Group, Known, KnownCut

__all__ = ["Decision", "Group", "Known", "KnownCut", "Member", "PieceFile", "Uncut", "decide"]
