"""The verbs of the command line that start runs or look ahead to them."""
