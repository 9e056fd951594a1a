"""What a service tells of itself on standard error."""
