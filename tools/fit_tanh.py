"""Find the coefficients of the rational tanh in `streamrnn.kernels.activations`.

Fits ``tanh(x) = x P(x^2) / Q(x^2)`` on [0, 9] in the relative error, by least squares that are
solved again and again with the last Q as weights (Sanathanan and Koerner 1963) and with more weight
where the error was large (Lawson 1961). Prints P, Q and the largest error in float32.
"""

import numpy as np

LIMIT, NUMERATOR, DENOMINATOR = 9.0, 4, 4


def fit() -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients of P and Q, lowest power first, Q[0] = 1."""
    x = LIMIT * (1 - np.cos(np.linspace(1e-3, np.pi / 2, 4000)))
    square, wanted = x * x / LIMIT**2, np.tanh(x) / x
    weight, q = np.ones_like(x), np.ones_like(x)
    coefficients = np.zeros(NUMERATOR + 1 + DENOMINATOR)
    for _ in range(60):
        powers_p = square[:, None] ** np.arange(NUMERATOR + 1)
        powers_q = square[:, None] ** np.arange(1, DENOMINATOR + 1)
        rows = np.hstack([powers_p, -wanted[:, None] * powers_q])
        scale = (weight / (np.abs(q) * wanted))[:, None]
        coefficients = np.linalg.lstsq(rows * scale, wanted * scale[:, 0], rcond=None)[0]
        p = powers_p @ coefficients[: NUMERATOR + 1]
        q = 1 + powers_q @ coefficients[NUMERATOR + 1 :]
        error = np.abs(p / q / wanted - 1)
        weight *= np.sqrt(error / error.max() + 1e-3)
        weight /= weight.mean()
    powers = LIMIT**2
    p_unscaled = coefficients[: NUMERATOR + 1] / powers ** np.arange(NUMERATOR + 1)
    q_unscaled = np.r_[1.0, coefficients[NUMERATOR + 1 :] / powers ** np.arange(1, DENOMINATOR + 1)]
    return p_unscaled, q_unscaled


def main() -> None:
    """Print the coefficients and how far they are from tanh in float32."""
    p, q = fit()
    x = np.linspace(0, LIMIT, 2_000_001, dtype=np.float32)
    square = x * x
    top = np.polynomial.polynomial.polyval(square, p.astype(np.float32))
    bottom = np.polynomial.polynomial.polyval(square, q.astype(np.float32))
    value = (x * top / bottom).astype(np.float32)
    exact = np.tanh(x.astype(np.float64))
    print("P:", *(f"{c:.9e}" for c in p))
    print("Q:", *(f"{c:.9e}" for c in q))
    print("largest absolute error in float32:", np.abs(value - exact).max(), "max", value.max())


if __name__ == "__main__":
    main()
