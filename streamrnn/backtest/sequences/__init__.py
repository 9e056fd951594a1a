"""What a configuration would have come to on a file of whole sequences, beside what is obvious."""
