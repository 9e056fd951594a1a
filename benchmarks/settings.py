"""What every subject of a comparison has in common."""

WINDOW = 16
LEARNING_RATE = 0.003
CLIP = 1.0
"""The largest global norm of a gradient."""
SIZES = ((16, 4), (32, 8), (64, 8), (128, 16))
"""Hidden units and inputs."""
CHUNKED = "chunked: stride 16, arrays"
SLIDING = "sliding: stride 1, arrays"
SINGLE_CHUNKED = "one at a time with dictionaries: stride 16"
SINGLE_SLIDING = "one at a time with dictionaries: stride 1"
