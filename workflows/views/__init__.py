"""Pages about connections; those that show workflows with their runs are in runs/views/."""
