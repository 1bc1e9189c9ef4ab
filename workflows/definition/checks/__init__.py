"""The single checks that `check.py` puts together; each gives findings."""
