#!/usr/bin/env python3
"""Writes sound-16000.wav and sound-8000.wav: a second of hiss, a second and a
half of a voice that says vowels, and a second of hiss.

usage: make-sounds.py FOLDER

The voice is a train of pulses, whose rate is the pitch, through resonators,
whose frequencies make the vowel.
"""

import array
import math
import pathlib
import random
import sys
import wave

# The resonances of a vowel in Hz: a, e, i, o.
VOWELS = [(730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410)]


def resonate(signal, rate, frequency, width):
    """A resonator of two poles, of gain 1 at 0 Hz."""
    radius = math.exp(-math.pi * width / rate)
    a = 2 * radius * math.cos(2 * math.pi * frequency / rate)
    b = -radius * radius
    y1 = y2 = 0.0
    result = []
    for x in signal:
        y1, y2 = (1 - a - b) * x + a * y1 + b * y2, y1
        result.append(y1)
    return result


def voice(rate, seconds):
    """Syllables of 0.25 s with falling pitch and a pause between them."""
    signal, phase = [], 0.0
    for syllable in range(round(seconds / 0.25)):
        count = round(0.25 * rate)
        pulses = []
        for i in range(count):
            t = i / count
            phase += (150 - 40 * t + 5 * math.sin(40 * t)) / rate
            pulse = 1.0 if phase >= 1 else 0.0
            phase -= pulse
            loudness = math.sin(math.pi * min(1, t * 1.15)) ** 0.5 if t < 0.87 else 0
            pulses.append((pulse + random.gauss(0, 0.01)) * loudness)
        for frequency in VOWELS[syllable % len(VOWELS)]:
            pulses = resonate(pulses, rate, frequency, 80)
        signal += pulses
    peak = max(map(abs, signal))
    return [0.5 * x / peak for x in signal]


def write(path, rate):
    random.seed(1)
    sound = [0.0] * rate + voice(rate, 1.5) + [0.0] * rate
    samples = [round(32767 * (x + random.gauss(0, 0.0005))) for x in sound]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        data = array.array("h", samples)
        if sys.byteorder == "big":
            data.byteswap()
        file.writeframes(data.tobytes())


if len(sys.argv) != 2:
    sys.exit("usage: make-sounds.py FOLDER")
for sample_rate in (16000, 8000):
    write(pathlib.Path(sys.argv[1], "sound-%d.wav" % sample_rate), sample_rate)
