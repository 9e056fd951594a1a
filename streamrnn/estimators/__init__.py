"""Estimators with the interface of River."""
