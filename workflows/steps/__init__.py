"""What a workflow can do: one module a kind, found by `workflows.steps.base.kinds`."""
