"""Figures about what ran: counted once when a run closes, folded in the background, read by charts, lists and reports."""
