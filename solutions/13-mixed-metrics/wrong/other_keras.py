"""`import keras` is the Keras of the documentation, so it is the one Keras to use everywhere."""
# %% imports
import keras

# %% must fail
{
    "check-one-keras": {"tf_keras": "whatever stands behind"},
    "check-stops": {"tf_keras": "_implements"},
    "check-best": {"tf_keras": "_implements"},
}
