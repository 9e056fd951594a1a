"""Transports: where records come from, and where answers and snapshots go."""
