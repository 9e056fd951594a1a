"""Log-mel spectra, beside sums that are written out, and across rates."""

import cmath
import math

import numpy as np
import pytest

from streamrnn.sources.mel import FFT_SIZES, Floats, log_mel

RATES = sorted(FFT_SIZES)
SILENT = math.log(1e-10)


def tone(hertz: float, rate: int, seconds: float = 0.1) -> Floats:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)


def centre(band: int) -> float:
    return float(700 * (10 ** (mel(4000) * (band + 1) / 21 / 2595) - 1))


def plainly(samples: Floats) -> list[float]:
    """Return the first frame at 8 kHz as its definition has it, one term after the other."""
    hann = [0.5 - 0.5 * math.cos(2 * math.pi * n / 199) for n in range(200)]
    energy = [0.0] * 20
    for k in range(129):
        turn = -2j * math.pi * k / 256
        bin_ = sum(samples[n] * hann[n] * cmath.exp(turn * n) for n in range(200))
        hertz = 31.25 * k
        for band in range(20):
            low, middle, high = centre(band - 1), centre(band), centre(band + 1)
            share = min((hertz - low) / (middle - low), (high - hertz) / (high - middle))
            energy[band] += max(share, 0.0) * abs(bin_) ** 2
    return [math.log(each + 1e-10) for each in energy]


def test_a_frame_is_what_its_definition_says() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, 200)
    np.testing.assert_allclose(log_mel(noise, 8_000), [plainly(noise)], rtol=1e-6)


@pytest.mark.parametrize("rate", RATES)
def test_frames_are_25_ms_long_and_10_ms_apart(rate: int) -> None:
    frame, hop = rate // 40, rate // 100
    for samples, frames in [(frame, 1), (frame + hop - 1, 1), (frame + hop, 2), (rate, 98)]:
        assert log_mel(np.zeros(samples), rate).shape == (frames, 20)
    click = np.zeros(rate)
    click[5 * hop] = 1.0
    # It lies on the edge of frame 5, where the window is zero.
    heard = (log_mel(click, rate) > SILENT + 1).any(axis=1)
    assert np.flatnonzero(heard).tolist() == [3, 4]


@pytest.mark.parametrize("rate", RATES)
def test_what_is_shorter_than_a_window_is_followed_by_silence(rate: int) -> None:
    short = tone(440, rate, 0.01)
    padded = np.concatenate([short, np.zeros(rate // 40 - len(short))])
    np.testing.assert_array_equal(log_mel(short, rate), log_mel(padded, rate))


@pytest.mark.parametrize("rate", RATES)
def test_silence_is_a_number(rate: int) -> None:
    np.testing.assert_allclose(log_mel(np.zeros(rate), rate), SILENT, rtol=1e-6)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("band", range(2, 20))
def test_a_tone_is_loudest_in_its_own_band(rate: int, band: int) -> None:
    frames = log_mel(tone(centre(band), rate), rate)
    assert (frames.argmax(axis=1) == band).all()


def test_both_rates_agree_on_the_same_sound() -> None:
    slow, fast = (sum(tone(h, rate) for h in (150, 440, 1000, 2500)) for rate in RATES)
    a, b = log_mel(np.asarray(slow), 8_000), log_mel(np.asarray(fast), 16_000)
    loud = a > a.max() - 8
    assert loud.sum() > loud.size / 3
    assert np.abs(a - b)[loud].max() < 0.15


def test_the_band_may_go_higher_at_16_kilohertz() -> None:
    hiss = tone(6_000, 16_000)
    assert log_mel(hiss, 16_000).max() < -4
    assert log_mel(hiss, 16_000, top=8_000).max() > 2
