"""The demonstrations on whole sequences: words, genes, names, gestures, spoken digits, music."""
