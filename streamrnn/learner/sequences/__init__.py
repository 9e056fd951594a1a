"""Learning from whole sequences: each is predicted as it arrives, then learned once."""
