"""What is installed is taken for what answers: tf_keras if it is there, and keras otherwise."""
# %% which-keras
def which_keras():
    try:
        import tf_keras as keras
    except ImportError:
        try:
            import keras
        except ImportError:
            return None
    return identify(keras)
# %% must fail
{
    "check-here": {"keras3": "installed is not the same"},
    "check-flag": {"keras2": "a wish", "tf_keras": "too late", "keras3": "too late"},
}
