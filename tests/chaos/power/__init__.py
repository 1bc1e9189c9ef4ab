"""R14 in user space: what the product asked of the disk is recorded, and the disk that lost its power is computed.

A library that is loaded before all others (recorder.c, read by acts.py) writes down each write, truncation, creation,
removal and flush of the database's files by every process of an installation, while senders deliver (session.py). For a
moment disk.py draws what a disk that dropped what was not flushed may hold, and verdict.py opens that copy.

This proves what is asked of the disk, and when. That a disk keeps what it said it flushed is not proved by it.
"""
