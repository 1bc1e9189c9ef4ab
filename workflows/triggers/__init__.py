"""What can start a run: one module a kind, found by `workflows.triggers.base.kinds`."""
