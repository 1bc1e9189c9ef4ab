"""Notices: whom they concern, what they say, and how they leave. Raised by `workflows.services.notices.raise_`."""
