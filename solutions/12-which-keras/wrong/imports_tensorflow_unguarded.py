"""TensorFlow is imported without a guard: Keras is thought to be always inside TensorFlow."""
# %% which-keras
def which_keras():
    import tensorflow as tf

    try:
        return identify(tf.keras)
    except ImportError:
        return None
# %% must fail
{
    "check-here": {"keras3_jax": "No module named 'tensorflow'"},
    "check-no-tensorflow": {"*": "No module named 'tensorflow'"},
    "check-flag": {"keras3_jax": "No module named 'tensorflow'"},
    "check-no-tf-keras": {"keras3_jax": "No module named 'tensorflow'"},
}
