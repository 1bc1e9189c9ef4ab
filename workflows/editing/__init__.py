"""Changing a definition as it is written, valid or not: what can stand where, and the acts of an editor.

Documents are never changed in place. Keys keep their order, and what an act does not touch stays the same object.
"""
