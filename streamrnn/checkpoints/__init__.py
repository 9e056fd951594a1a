"""Snapshots: the whole state of one partition at an offset, and where they are kept."""
