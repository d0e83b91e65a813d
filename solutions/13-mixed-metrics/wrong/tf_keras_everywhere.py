"""The program is old, so it needs tf_keras, and that can be imported by name."""
# %% imports
import tf_keras as keras

# %% must fail
{
    "check-one-keras": {"keras2": "'keras' is not defined", "keras3": "tensorflow.keras"},
    "check-outputs": {"keras2": "not defined"},
    "check-accuracy": {"keras2": "not defined"},
    "check-step": {"keras2": "not defined"},
    "check-stops": {"keras2": "not defined", "keras3": "is luck"},
    "check-best": {"keras2": "not defined"},
    "check-learns": {"keras2": "not defined"},
}
