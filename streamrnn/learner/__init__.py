"""Learning online: streams with their own state, and truncated backpropagation through time.

Nothing here knows bytes, topics, clocks or metrics.
"""
