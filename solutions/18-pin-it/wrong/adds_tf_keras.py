"""A paper about Keras 2 is thought to need tf-keras, which was not there."""
# %% paper
def paper():
    return "tensorflow==2.15.1\nkeras==2.15.0\nnumpy==1.26.4\ntf-keras==2.15.1"
# %% must fail
{"check-paper": {"*": "is not what lay there"}}
