"""Write data.npz: the public names of Keras 2, asked of Keras 2 itself.

Source: `tensorflow.keras` of the environment keras2, walked by this program.
Licence: names only; Keras is Apache 2.0.

names (n,) text: such as "layers.Dense", sorted; modules and private names are left out
"""

import types

import numpy as np
from tensorflow import keras

DEPTH = 3


def public(module, path="", depth=DEPTH):
    """The dotted names of classes, functions and constants below a module."""
    for name in dir(module):
        if name.startswith("_"):
            continue
        thing = getattr(module, name)
        if not isinstance(thing, types.ModuleType):
            yield path + name
        elif depth and "keras" in thing.__name__:
            yield from public(thing, f"{path}{name}.", depth - 1)


np.savez_compressed("data.npz", names=np.array(sorted(set(public(keras)))))
