"""Detectors of what is unusual about a workflow: pure functions of counts, told the time. docs/findings.md."""
