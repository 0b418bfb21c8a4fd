"""Runs a command with the conformance models made and the engines of this Python found:

    python tests/conformance/with_engines.py ctest --test-dir build -L conformance

Sets EDGERT_TEST_MODELS, EDGERT_ONNXRUNTIME_LIBRARY and EDGERT_TFLITE_LIBRARY where they are unset.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ENGINES = {
    "EDGERT_ONNXRUNTIME_LIBRARY": ("onnxruntime", "capi/libonnxruntime.so.*"),
    "EDGERT_TFLITE_LIBRARY": ("litert_lm", "liblitert-lm.so"),
}


def engine_paths():
    """The engines' libraries inside the installed packages, by environment variable."""
    found = {}
    for variable, (package, pattern) in ENGINES.items():
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for library in Path(folder).glob(pattern):
                found[variable] = str(library)
    return found


def main(command):
    environment = engine_paths() | dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="edgert-conformance-") as folder:
        if "EDGERT_TEST_MODELS" not in environment:
            make = Path(__file__).with_name("make_models.py")
            subprocess.run([sys.executable, str(make), folder], check=True)
            environment["EDGERT_TEST_MODELS"] = folder
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
