"""The demonstrations on whole sequences: words, genes, gestures, sounds, translations, music."""
