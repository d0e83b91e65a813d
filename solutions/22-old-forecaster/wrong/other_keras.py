"""Legacy files need the legacy package: tf_keras is imported everywhere, and a tf_keras model is handed back."""

# %% rescue
def rescue(path):
    import tf_keras

    return tf_keras.models.load_model(path, compile=False)

# %% convert
def convert(old, new):
    import tf_keras

    model = rescue(old)
    model.compile(tf_keras.optimizers.Adam(0.004), loss="mse")
    model.save(new)

# %% must fail
{
    "check-loads": {"keras3": "this environment's Keras", "keras3_jax": "tf_keras"},
    "check-same": {"keras3_jax": "tf_keras"},
    "check-missing": {"keras3_jax": "does not name the file"},
    "check-untouched": {"keras3_jax": "tf_keras"},
    "check-saved": {"keras3": "", "keras3_jax": "tf_keras"},
    "check-training": {"keras3": "", "keras3_jax": "tf_keras"},
    "check-jax": {"keras3": ""},
}
