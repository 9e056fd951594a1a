"""Apache Kafka, through kafka-python: the one place that knows it."""
