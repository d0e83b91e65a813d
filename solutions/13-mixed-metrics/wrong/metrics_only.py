"""The error of Keras 3 was about the metrics, so only those have to change."""
# %% imports
from tensorflow import keras
from tensorflow.keras import Input, Model, layers
from keras.callbacks import EarlyStopping
from keras.metrics import SparseCategoricalAccuracy
from keras.optimizers import Adam

# %% reader
def make_reader(points=461, size=4):
    spectrum = Input((points, 1))
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(spectrum)
    x = layers.Conv1D(8, 9, strides=4, activation="relu")(x)
    embedding = layers.Dense(size, name="embedding")(layers.Flatten()(x))
    model = Model(spectrum, [embedding, layers.Dense(3, activation="softmax", name="origin")(embedding)])
    model.compile(
        Adam(0.005),
        loss={"embedding": apart, "origin": "sparse_categorical_crossentropy"},
        loss_weights={"embedding": 0.5, "origin": 1.0},
        metrics={"origin": [SparseCategoricalAccuracy("accuracy")]},
    )
    return model

# %% train
def train(model, x, origin, x_val, origin_val, epochs, patience):
    stop = EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    history = model.fit(
        x,
        {"embedding": origin, "origin": origin},
        validation_data=(x_val, {"embedding": origin_val, "origin": origin_val}),
        batch_size=15,
        epochs=epochs,
        callbacks=[stop],
        verbose=0,
    ).history
    model.set_weights(stop.best_weights)
    return history

# %% must fail
{
    "check-one-keras": {"tf_keras": "_distribute_strategy"},
    "check-outputs": {"tf_keras": "_distribute_strategy"},
    "check-accuracy": {"tf_keras": "_distribute_strategy"},
    "check-step": {"tf_keras": "_distribute_strategy"},
    "check-stops": {"tf_keras": "_implements"},
    "check-best": {"tf_keras": "_implements"},
    "check-learns": {"tf_keras": ""},
}
