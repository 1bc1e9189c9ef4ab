"""Addresses of pages about workflows and connections."""
