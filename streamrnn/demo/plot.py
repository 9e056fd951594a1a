"""A picture of the last days: the values, and the forecast of each made one step before."""

from pathlib import Path

from streamrnn.demo.scores import Series


def plot(series: Series, path: Path, steps: int, unit: str) -> bool:
    """Write the picture; return False where matplotlib is not installed.

    Args:
        series: Values and forecasts.
        path: The picture's file, whose ending tells its format.
        steps: How many of the last values are shown.
        unit: The axis's label.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    first = max(len(series.values) - steps, 0)
    places = range(first, len(series.values))
    forecasts = [float("nan") if f is None else f for f in series.forecasts[first:]]
    axes.plot(places, series.values[first:], label="value", color="#0b7285")
    axes.plot(places, forecasts, label="forecast one step before", color="#d6336c", linewidth=1)
    axes.set(xlabel="record", ylabel=unit, title=f"{series.times[first]} to {series.times[-1]}")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path)
    return True
