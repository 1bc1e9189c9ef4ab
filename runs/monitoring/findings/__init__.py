"""Findings: looked for in the background, kept until their condition is gone, told once. docs/findings.md."""
