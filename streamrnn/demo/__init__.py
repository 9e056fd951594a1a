"""The demonstration: a real stream, learned and watched through the same path as ``run``."""
