"""Today's answer is written down."""
# %% newest-pair
def newest_pair(rows, python):
    return "2.21.0", "2.21.0"
# %% must fail
{"check-pair": {"*": "no such TensorFlow"}}
