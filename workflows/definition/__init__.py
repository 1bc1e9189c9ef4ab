"""The workflow file, format `signalbox/1`: reading, checking, comparing and rendering it. No database here."""
