"""What `edgert explain` shows: the way from each sensor to each model, its cost, and who shares it.

explanation = explain(planned)
print(text(explanation))
"""

from .drawing import draw
from .measure import measure
from .telling import text, tree
from .ways import Explanation, Step, Way, explain

__all__ = ["Explanation", "Step", "Way", "draw", "explain", "measure", "text", "tree"]
