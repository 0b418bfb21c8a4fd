"""docs/policies.md is true, and the commands say what a policy does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

testing = pytest.importorskip("click.testing")

from edgert.cli import main  # noqa: E402
from edgert.documents import load  # noqa: E402
from edgert.policies import SHIPPED  # noqa: E402
from edgert.policy.chosen import choose  # noqa: E402
from edgert.policy.decisions import ORDERS  # noqa: E402

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
BOXES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def call(*arguments: object) -> Any:
    return testing.CliRunner().invoke(main, [*map(str, arguments)])


@pytest.mark.parametrize("code", CODE)
def test_the_tutorial_runs(tmp_path: Path, code: str) -> None:
    (tmp_path / "night.py").write_text(code)
    box = tmp_path / "box.yaml"
    box.write_text(next(text for text in BOXES if "kind: Sensor" in text))
    said = call("check", box)
    assert said.exit_code == 0, said.output
    assert re.search(r"policy\s+night\s+night.py:Night, every 100 ms: edf", said.output)
    said = call("run", box)
    assert said.exit_code == 0, said.output
    assert re.search(r"  policy night: \d+ calls, [1-9]\d* tables", said.output)
    assert "pipeline watch/alarm: 60 results" in said.output


def test_the_page_lists_what_there_is(tmp_path: Path) -> None:
    assert {name for name in SHIPPED if f"| `{name}` |" not in PAGE} == set()
    assert {order for order in ORDERS if f"`{order}`" not in PAGE} == set()
    file = tmp_path / "policy.yaml"
    file.write_text(next(text for text in BOXES if text.startswith("kind: Policy")))
    assert choose("by-load", load(file)).limit == 0.2


SLOW = """\
import time
from edgert import Policy
class Mine(Policy):
    calls = 0
    def decide(self, now):
        self.calls += 1
        if self.calls <= {calls}:
            time.sleep(1.0)
        return super().decide(now)
"""


@pytest.mark.parametrize("calls", [1, 9])
def test_only_a_policy_that_is_slow_again_is_refused(tmp_path: Path, calls: int) -> None:
    (tmp_path / "mine.py").write_text(SLOW.format(calls=calls))
    box = tmp_path / "box.yaml"
    text = next(text for text in BOXES if "kind: Sensor" in text).replace("night.py:Night", "mine.py:Mine")
    box.write_text(text.replace("name: night", "name: night\nlimit: 500ms"))
    said = call("check", box)
    assert said.exit_code == (1 if calls > 1 else 0), said.output
    assert ("longer than its limit" in said.output) == (calls > 1)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("def order(self, now): return 1 / 0", "raised ZeroDivisionError: division by zero at .*mine.py:3"),
        ("def order(self, now): return 'edf'", "the order is of the type str, not an Order or None"),
        ("def admit(self, now): return {'nobody': 1}", "admit names 'nobody', and there is no such name"),
        ("def decide(self, now): now.load = 1", r"raised FrozenInstanceError: .* at .*mine.py:3"),
        ("def __init__(self): raise OSError('no map')", "can't be made: OSError: no map at .*mine.py:3"),
        ("def order(self, now) return 1", r"can't be made: SyntaxError: .*\(mine.py, line 3\); mend"),
        ("def order(self, now):\n        while True: pass", "took longer than its limit of 0.2 s"),
    ],
)
def test_check_refuses_what_would_fail(tmp_path: Path, body: str, problem: str) -> None:
    (tmp_path / "mine.py").write_text(f"from edgert import Policy\nclass Mine(Policy):\n    {body}\n")
    box = tmp_path / "box.yaml"
    text = next(text for text in BOXES if "kind: Sensor" in text)
    box.write_text(text.replace("night.py:Night", "mine.py:Mine"))
    said = call("check", box)
    assert said.exit_code == 1
    line = text[: text.index("policy: night")].count("\n") + 1
    assert re.search(rf"box.yaml:{line}: Policy/night: .*{problem}", said.output), said.output


def test_run_takes_another_policy_and_refuses_an_unknown_one(tmp_path: Path) -> None:
    (tmp_path / "night.py").write_text(CODE[0])
    box = tmp_path / "box.yaml"
    box.write_text(next(text for text in BOXES if "kind: Sensor" in text))
    assert "  policy stability: " in call("run", box, "--policy", "stability").output
    assert "  policy " not in call("run", box, "--policy", "none").output
    said = call("run", box, "--policy", "stabilty")
    assert said.exit_code == 1 and "there is no policy 'stabilty'" in said.output
