"""Tasks: how a record's fields become steps and targets, and outputs a prediction."""
