"""Layers made of cells."""
