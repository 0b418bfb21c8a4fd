"""The conformance models as `.null` files, as far as a model of words can be one."""

from pathlib import Path

DTYPES = ["float32", "float16", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]


def write(folder: Path):
    for dtype in DTYPES:
        (folder / f"echo_{dtype}.null").write_text(f"input x {dtype} 2x3\noutput y {dtype} 2x3\necho\n")
    (folder / "echo_two.null").write_text(
        "input a float32 1x4\ninput b int64 3\noutput p float32 1x4\noutput q int64 3\necho\n"
    )
    (folder / "echo_free.null").write_text("input x float32 ?x3\noutput y float32 ?x3\necho\n")
    (folder / "inner_state.null").write_text("input x float32 1x4\noutput y float32 1x4\ncount\n")
    (folder / "slow.null").write_text("input x float32 8x256\noutput y float32 8x256\necho\ndelay_us 300\n")
    (folder / "fails.null").write_text('input x float32 1\noutput y float32 1\nfail "no luck"\n')
    (folder / "fails_to_load.null").write_text('output y float32 1\nfail_load "no luck"\n')
