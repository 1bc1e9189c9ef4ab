"""The verbs of `manage.py workflows`, in groups; the command itself stands in the runs app, which adds its own."""
