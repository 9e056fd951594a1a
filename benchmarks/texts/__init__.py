"""What texts come to that are learned from speech and from other texts: how good, at what cost."""
