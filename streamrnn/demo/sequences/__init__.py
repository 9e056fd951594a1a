"""The demonstrations on whole sequences: words, genes, names, gestures, digits, speech, music."""
