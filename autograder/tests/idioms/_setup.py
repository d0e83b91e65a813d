# Bind `keras` to this environment's Keras. The same lines open every exercise.
import os
import numpy as np
if "KERAS_BACKEND" in os.environ:
    import keras                      # Keras 3, on the backend that the variable names
else:
    from tensorflow import keras      # Keras 2.15, or tf_keras where TF_USE_LEGACY_KERAS=1
from whichkeras import close, fresh, in_kernel, reopen, rng
