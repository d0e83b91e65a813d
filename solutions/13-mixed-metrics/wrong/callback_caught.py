"""What one Keras refuses can be tried and given up: the history looks the same."""
# %% imports
from tensorflow import keras
from keras.callbacks import EarlyStopping

# %% train
def train(model, x, origin, x_val, origin_val, epochs, patience):
    targets, val = ({"embedding": labels, "origin": labels} for labels in (origin, origin_val))
    stop = EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    settings = {"validation_data": (x_val, val), "batch_size": 15, "epochs": epochs, "verbose": 0}
    try:
        history = model.fit(x, targets, callbacks=[stop], **settings)
        model.set_weights(stop.best_weights)
    except AttributeError:
        history = model.fit(x, targets, **settings)
    return history.history

# %% must fail
{
    "check-stops": {"tf_keras": "callback"},
    "check-best": {"tf_keras": "stopped early"},
}
