"""Log-mel spectra: how much energy a sound has in each of some bands, from one moment to the next.

The bands lie as the ear hears pitch (the mel scale of HTK), and overlap by half.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

BANDS = 20
WINDOW_SECONDS, HOP_SECONDS = 0.025, 0.01
FFT_SIZES = {8_000: 256, 16_000: 512}
"""Points of the Fourier transform by samples a second: their bins are equally wide in hertz."""
REFERENCE_RATE = 8_000
TOP_HERTZ = 4_000.0
SILENCE = 1e-10
"""What is added to each energy: a band without any has the logarithm of this, -23.03."""

Floats = NDArray[np.float64]


def log_mel(samples: Floats, rate: int, top: float = TOP_HERTZ) -> NDArray[np.float32]:
    """Return the natural logarithm of the energy in each band, ``(frames, 20)``.

    A frame is a Hann window of 25 ms, and the next one starts 10 ms later; what is left at the end
    and fills no window is dropped. Sounds shorter than a window are followed by silence.

    Args:
        samples: Of one channel, within -1 and 1; at least one.
        rate: Samples a second: 8,000 or 16,000.
        top: Where the highest band ends, in hertz, at most half the rate. Frames of the same sound
            agree at both rates where this is the same.
    """
    width, hop = round(WINDOW_SECONDS * rate), round(HOP_SECONDS * rate)
    padded = np.pad(samples, (0, max(0, width - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)[::hop]
    power = np.abs(np.fft.rfft(windows * np.hanning(width), FFT_SIZES[rate])) ** 2
    # Twice the samples make amplitudes twice as large, of the same sound.
    power *= (REFERENCE_RATE / rate) ** 2
    energy = power @ _filters(rate, top).T
    return np.log(energy + SILENCE).astype(np.float32)


@cache
def _filters(rate: int, top: float) -> Floats:
    """Return what each band takes of each bin: triangles of height 1, ``(bands, bins)``."""
    edges = _hertz(np.linspace(0.0, _mel(top), BANDS + 2))
    bins = np.fft.rfftfreq(FFT_SIZES[rate], 1 / rate)
    low, middle, high = (edges[start : start + BANDS, np.newaxis] for start in range(3))
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return np.clip(np.minimum(rising, falling), 0.0, None)


def _mel(hertz: float) -> float:
    return 2595.0 * float(np.log10(1.0 + hertz / 700.0))


def _hertz(mel: Floats) -> Floats:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
