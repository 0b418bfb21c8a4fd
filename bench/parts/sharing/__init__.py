"""The fields of bench/sharing.py, a file each, and the models that the zoo hasn't."""
