"""Recordings, in each form that WAV has them."""

import struct
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from streamrnn.errors import ConfigurationError
from streamrnn.sources.mel import Floats, log_mel
from streamrnn.sources.wav import Recordings
from tests.sources.reading import records

HEADER_BYTES = 44
SOUND = 0.5 * np.sin(np.arange(800) / 3) + 0.25


def written(
    path: Path, samples: Floats = SOUND, *, width: int = 2, rate: int = 8_000, channels: int = 1
) -> Path:
    """Write samples within -1 and 1, those of several channels one after the other."""
    whole = np.clip(np.round(samples * 2.0 ** (8 * width - 1)), None, 2.0 ** (8 * width - 1) - 1)
    values = [int(value) for value in whole]
    data = b"".join(
        struct.pack("B", value + 128)
        if width == 1
        else value.to_bytes(width, "little", signed=True)
        for value in values
    )
    with wave.open(str(path), "wb") as recording:
        recording.setparams((channels, width, rate, 0, "NONE", ""))
        recording.writeframes(data)
    return path


def frames_of(path: Path) -> Floats:
    ((number, record),) = records(Recordings(str(path)))
    assert (number, record["name"]) == (1, path.stem)
    return np.array(record["frames"])


@pytest.mark.parametrize(("width", "near"), [(1, 0.2), (2, 1e-3), (3, 1e-5), (4, 1e-6)])
def test_samples_of_each_width_are_the_same_sound(tmp_path: Path, width: int, near: float) -> None:
    # What lies below the noise of 8 bits is not compared.
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 800)
    frames = frames_of(written(tmp_path / "a.wav", noise, width=width))
    np.testing.assert_allclose(frames, log_mel(noise, 8_000), atol=near)


def test_frames_at_8_kilohertz_are_exact_to_the_last_digit(tmp_path: Path) -> None:
    whole = np.round(SOUND * 2**15) / 2**15
    frames = frames_of(written(tmp_path / "a.wav", whole)).astype(np.float32)
    np.testing.assert_array_equal(frames, log_mel(whole, 8_000))


def test_channels_are_averaged(tmp_path: Path) -> None:
    both = np.stack([SOUND, -SOUND / 2], axis=1).ravel()
    stereo = frames_of(written(tmp_path / "a.wav", both, channels=2, width=4))
    np.testing.assert_allclose(stereo, log_mel(SOUND / 4, 8_000), atol=1e-4)


def test_16_kilohertz_have_as_many_frames_a_second(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", np.repeat(SOUND, 2), rate=16_000)
    assert frames_of(path).shape == log_mel(SOUND, 8_000).shape


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_silence_is_a_number(tmp_path: Path, width: int) -> None:
    frames = frames_of(written(tmp_path / "a.wav", np.zeros(400), width=width))
    np.testing.assert_allclose(frames, -23.02585, rtol=1e-6)


def test_what_is_clipped_is_taken_as_it_stands(tmp_path: Path) -> None:
    loud = np.where(SOUND > 0, 1.0, -1.0)
    frames = frames_of(written(tmp_path / "a.wav", loud))
    np.testing.assert_allclose(frames, log_mel(loud, 8_000), atol=1e-2)


def test_a_folder_is_read_by_name(tmp_path: Path) -> None:
    for name in ("b.wav", "a_2.WAV", "a_10.wav"):
        written(tmp_path / name)
    (tmp_path / "notes.txt").touch()
    names = [(number, record["name"]) for number, record in records(Recordings(str(tmp_path)))]
    assert names == [(1, "a_10"), (2, "a_2"), (3, "b")]


def test_it_stops_between_two_recordings(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        written(tmp_path / name)
    asked = iter([False, True])
    assert len(list(Recordings(str(tmp_path)).lines(lambda: next(asked)))) == 1


@pytest.mark.parametrize("rate", [11_025, 44_100])
def test_another_rate_is_an_error_that_says_what_to_do(tmp_path: Path, rate: int) -> None:
    expected = rf"a\.wav: expected 8,000 or 16,000 samples a second, got {rate:,}; .*-ar 8000"
    with pytest.raises(ConfigurationError, match=expected):
        frames_of(written(tmp_path / "a.wav", rate=rate))


def test_a_recording_without_samples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a\.wav: expected samples, got 0"):
        frames_of(written(tmp_path / "a.wav", np.zeros(0)))


@pytest.mark.parametrize("size", range(HEADER_BYTES))
def test_a_header_that_is_cut_off_is_an_error(tmp_path: Path, size: int) -> None:
    path = written(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ConfigurationError, match=r"a\.wav: expected WAV of PCM: .*; convert it"):
        frames_of(path)


def test_a_recording_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    whole = path.read_bytes()
    for size in (HEADER_BYTES, HEADER_BYTES + 1, len(whole) - 1):
        path.write_bytes(whole[:size])
        got = (size - HEADER_BYTES) // 2
        with pytest.raises(ConfigurationError, match=f"expected 800 samples, .*, got {got};"):
            frames_of(path)


def test_a_header_that_promises_too_much_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    whole = bytearray(path.read_bytes())
    whole[4:8] = whole[40:44] = b"\xff\xff\xff\x7f"
    path.write_bytes(whole)
    tracemalloc.start()
    with pytest.raises(ConfigurationError, match=r"as its header says, got 800"):
        frames_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_each_wrong_byte_of_a_header_is_an_error_or_another_sound(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    whole = path.read_bytes()
    said = []
    for place in range(HEADER_BYTES):
        for bits in (0x01, 0x80, 0xFF):
            wrong = bytearray(whole)
            wrong[place] ^= bits
            path.write_bytes(wrong)
            try:
                frames_of(path)
            except ConfigurationError as error:
                said.append(str(error))
    assert len(said) > HEADER_BYTES
    assert all(str(path) in message for message in said)


def test_sound_that_is_not_pcm_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    whole = bytearray(path.read_bytes())
    whole[20:22] = (7).to_bytes(2, "little")
    path.write_bytes(whole)
    with pytest.raises(ConfigurationError, match="unknown format: 7; convert it"):
        frames_of(path)


def test_wider_samples_are_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    whole = bytearray(path.read_bytes())
    whole[34:36] = (64).to_bytes(2, "little")
    path.write_bytes(whole)
    with pytest.raises(ConfigurationError, match="samples of 1 to 4 bytes, got 8; convert it"):
        frames_of(path)


@pytest.mark.parametrize("name", ["none.wav", ""])
def test_no_recording_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"expected a recording \.wav, or a folder"):
        Recordings(str(tmp_path / name))


def test_standard_input_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="not read from standard input"):
        Recordings("-")
