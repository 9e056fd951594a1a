"""Learning what goes with each reading of a stream whose past matters."""
