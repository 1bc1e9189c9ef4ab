"""Rows of reliability.md that random input proves: `make fuzz ROWS=R34,R39 SEED=7` runs their full counts.

`tests/fuzz/rows/` has one function a row, from a number of trials and a seed to an Outcome; each has a small sibling in
the suite, so that every commit runs the first count. They run on SQLite, in one process, and print a line each, as
`make chaos` does.
"""
