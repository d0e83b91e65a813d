"""Write releases.csv: when TensorFlow, tf-keras, Keras and NumPy came, and what they ask for.

Facts, read on 2026-11-23 from the metadata of the packages themselves: upload date, Requires-Python,
the Pythons that have wheels, and Requires-Dist as far as it names one of the four. Kept are the
releases since tf-keras began; of Keras 3 the first and the last of each minor version, of NumPy
the last of each. tf-keras 2.20.0 is left out: it was withdrawn on the day it came.
Release notes: https://github.com/tensorflow/tensorflow/releases,
https://github.com/keras-team/tf-keras/tags, https://github.com/keras-team/keras/releases,
https://github.com/numpy/numpy/releases
Licence: none needed, they are facts.
"""

import csv

TABLE = """
tensorflow 2.14.0 2023-09-26 3.9 cp39-cp311 keras>=2.14.0,<2.15; numpy>=1.23.5
tensorflow 2.14.1 2023-11-14 3.9 cp39-cp311 keras>=2.14.0,<2.15; numpy>=1.23.5,<2.0.0
tensorflow 2.15.0 2023-11-14 3.9 cp39-cp311 keras>=2.15.0,<2.16; numpy>=1.23.5,<2.0.0
tensorflow 2.15.1 2024-03-08 3.9 cp39-cp311 keras>=2.15.0,<2.16; numpy>=1.23.5,<2.0.0
tensorflow 2.16.1 2024-03-09 3.9 cp39-cp312 keras>=3.0.0; numpy>=1.23.5,<2.0.0
tensorflow 2.16.2 2024-06-28 3.9 cp39-cp312 keras>=3.0.0; numpy>=1.23.5,<2.0.0
tensorflow 2.17.0 2024-07-11 3.9 cp39-cp312 keras>=3.2.0; numpy>=1.23.5,<2.0.0
tensorflow 2.17.1 2024-10-24 3.9 cp39-cp312 keras>=3.2.0; numpy>=1.23.5,<2.0.0
tensorflow 2.18.0 2024-10-25 3.9 cp39-cp312 keras>=3.5.0; numpy>=1.26.0,<2.1.0
tensorflow 2.18.1 2025-03-12 3.9 cp39-cp312 keras>=3.5.0; numpy>=1.26.0,<2.1.0
tensorflow 2.19.0 2025-03-12 3.9 cp39-cp312 keras>=3.5.0; numpy>=1.26.0,<2.2.0
tensorflow 2.19.1 2025-08-13 3.9 cp39-cp312 keras>=3.5.0; numpy>=1.26.0,<2.2.0
tensorflow 2.20.0 2025-08-13 3.9 cp39-cp313 keras>=3.10.0; numpy>=1.26.0
tensorflow 2.21.0 2026-03-06 3.10 cp310-cp313 keras>=3.12.0; numpy>=1.26.0
tf-keras 2.14.1 2023-09-29 3.8 py3
tf-keras 2.15.0 2023-11-07 3.8 py3
tf-keras 2.15.1 2024-03-08 3.8 py3 tensorflow>=2.15,<2.16
tf-keras 2.16.0 2024-03-09 3.9 py3 tensorflow>=2.16,<2.17
tf-keras 2.17.0 2024-07-15 3.9 py3 tensorflow>=2.17,<2.18
tf-keras 2.18.0 2024-10-24 3.9 py3 tensorflow>=2.18,<2.19
tf-keras 2.19.0 2025-03-03 3.9 py3 tensorflow>=2.19,<2.20
tf-keras 2.20.1 2025-09-04 3.9 py3 tensorflow>=2.20,<2.21
tf-keras 2.21.0 2026-03-18 3.10 py3 tensorflow>=2.21,<2.22
keras 2.14.0 2023-09-11 3.8 py3
keras 2.15.0 2023-11-07 3.8 py3
keras 3.0.0 2023-11-28 3.9 py3 numpy
keras 3.0.5 2024-02-14 3.9 py3 numpy
keras 3.1.0 2024-03-18 3.9 py3 numpy
keras 3.2.0 2024-04-08 3.9 py3 numpy
keras 3.3.0 2024-04-22 3.9 py3 numpy
keras 3.4.0 2024-06-25 3.9 py3 numpy
keras 3.5.0 2024-08-12 3.9 py3 numpy
keras 3.6.0 2024-10-03 3.9 py3 numpy
keras 3.7.0 2024-11-26 3.9 py3 numpy
keras 3.8.0 2025-01-07 3.9 py3 numpy
keras 3.9.0 2025-03-04 3.9 py3 numpy
keras 3.10.0 2025-05-19 3.9 py3 numpy
keras 3.11.0 2025-07-30 3.10 py3 numpy
keras 3.11.3 2025-08-21 3.10 py3 numpy
keras 3.12.0 2025-10-27 3.10 py3 numpy
keras 3.12.4 2026-07-29 3.10 py3 numpy
keras 3.13.0 2025-12-17 3.11 py3 numpy
keras 3.13.2 2026-01-30 3.11 py3 numpy
keras 3.14.0 2026-04-03 3.11 py3 numpy
keras 3.14.1 2026-05-07 3.11 py3 numpy
keras 3.15.0 2026-06-24 3.11 py3 numpy
keras 3.15.1 2026-07-29 3.11 py3 numpy
numpy 1.26.4 2024-02-06 3.9 cp39-cp312
numpy 2.0.2 2024-08-26 3.9 cp39-cp312
numpy 2.1.3 2024-11-02 3.10 cp310-cp313
numpy 2.2.6 2025-05-17 3.10 cp310-cp313
numpy 2.3.5 2025-11-16 3.11 cp311-cp314
numpy 2.4.6 2026-05-18 3.11 cp311-cp314
"""


def pythons(text):
    """cp39-cp311 -> cp39.cp310.cp311, as the name of a wheel says it."""
    first, dash, last = text.partition("-")
    if not dash:
        return text
    return ".".join(f"cp3{minor}" for minor in range(int(first[3:]), int(last[3:]) + 1))


with open("releases.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["package", "version", "came", "python", "wheels", "requires"])
    for line in TABLE.strip().split("\n"):
        package, version, came, python, wheels, *requires = line.split(" ", 5)
        asks = requires[0].replace("; ", ";") if requires else ""
        writer.writerow([package, version, came, python, pythons(wheels), asks])
