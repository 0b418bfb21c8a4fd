"""`python -m edgert` is the command `edgert`."""

from .start import main

main()
