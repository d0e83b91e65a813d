"""Layer classes that swallow the key open the old file, but they are saved with the model, and nobody else has them."""

# %% rescue
def rescue(path):
    class OldLSTM(keras.layers.LSTM):
        def __init__(self, *args, time_major=False, **options):
            super().__init__(*args, **options)

    class OldGRU(keras.layers.GRU):
        def __init__(self, *args, time_major=False, **options):
            super().__init__(*args, **options)

    return keras.models.load_model(path, custom_objects={"LSTM": OldLSTM, "GRU": OldGRU}, compile=False)

# %% must fail
{
    "check-saved": {"*": "a class of yours"},
    "check-training": {"*": "a class of yours"},
    "check-jax": {"keras3": ""},
}
