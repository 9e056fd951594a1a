"""Compositions as music: files that can be listened to, and pictures of them."""
