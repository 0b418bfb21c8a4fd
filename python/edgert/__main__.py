"""`python -m edgert` is the command `edgert`."""

from .cli import main

main(prog_name="edgert")
