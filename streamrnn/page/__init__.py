"""A page that shows, while it happens, what is predicted."""
