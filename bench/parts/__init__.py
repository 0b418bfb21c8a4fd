"""What the scripts of bench/ are made of: a folder for each script that is more than one file.

`misses`, for example, is what bench/misses.py imports; bench/simulate.py and bench/scheduler.py use some of
it, too. A part that is a process of its own is run as a module in bench/: python -m parts.tenants.process.
"""
