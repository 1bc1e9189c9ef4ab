"""R84, long running is flat: `make soak`, or `python -m tests.chaos.soak --help`.

Twenty deliveries a second to three workflows, processes killed and frozen at random, pauses and resumes; memory, lag
and table sizes are sampled and drawn; the oracle judges at the end.
"""
