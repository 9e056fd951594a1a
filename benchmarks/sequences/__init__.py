"""What whole sequences come to: how much is right, at what cost, and what each means is worth."""
