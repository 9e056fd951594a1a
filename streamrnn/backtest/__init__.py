"""What a configuration would have come to on a file, beside simpler methods in the same run."""
