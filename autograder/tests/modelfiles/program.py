"""Runs in boxes: models that every Keras can build, how they are saved, and how they are opened.

`bind` gives the environment's Keras.  A maker returns a model; the same maker in another
environment is "the same architecture".  Nothing here is imported by the tests: its text is a cell.
"""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")
ENVIRONMENT = os.environ["WHICHKERAS_ENVIRONMENT"]
THREE = ENVIRONMENT.startswith("keras3")
if ENVIRONMENT == "keras2":
    from tensorflow import keras
elif ENVIRONMENT == "tf_keras":
    import tf_keras as keras
else:
    import keras
if ENVIRONMENT != "keras3_jax":
    import tensorflow as tf
L = keras.layers
MAKERS: dict[str, Any] = {}


def maker(function):
    MAKERS[function.__name__] = function
    return function


def sequence(shape, *layers):
    return keras.Sequential([keras.Input(shape), *layers])


@maker
def dense():
    return sequence((4,), L.Dense(8, activation="relu"), L.Dense(1))


@maker
def first_shape():
    return keras.Sequential([L.Dense(8, input_shape=(4,)), L.Dense(1)])


@maker
def built_late():
    model = keras.Sequential([L.Dense(8), L.Dense(1)])
    model(np.zeros((1, 4), "float32"))
    return model


@maker
def functional():
    a = keras.Input((4,), name="a")
    return keras.Model(a, L.Dense(1)(L.Dense(3)(a)))


@maker
def multi():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    both = L.Concatenate()([L.Dense(3)(a), L.Dense(2)(b)])
    return keras.Model([a, b], [L.Dense(1, name="one")(both), L.Dense(2, name="two")(both)])


@maker
def shared():
    a, b, d = keras.Input((4,)), keras.Input((4,)), L.Dense(3)
    return keras.Model([a, b], L.Add()([d(a), d(b)]))


@maker
def batchnorm():
    return sequence((4,), L.Dense(8), L.BatchNormalization(), L.Dense(1))


@maker
def layernorm():
    return sequence((4,), L.Dense(8), L.LayerNormalization(), L.Dense(1))


@maker
def groupnorm():
    return sequence((4, 4, 4), L.GroupNormalization(2), L.Flatten(), L.Dense(1))


@maker
def conv():
    return sequence((8, 8, 3), L.Conv2D(2, 3), L.MaxPooling2D(), L.Flatten(), L.Dense(1))


@maker
def depthwise():
    return sequence((8, 8, 3), L.DepthwiseConv2D(3), L.Flatten(), L.Dense(1))


@maker
def separable():
    return sequence((8, 8, 3), L.SeparableConv2D(2, 3), L.GlobalAveragePooling2D())


@maker
def transpose():
    return sequence((8, 8, 3), L.Conv2DTranspose(2, 3), L.GlobalMaxPooling2D())


@maker
def conv1d():
    return sequence((8, 3), L.Conv1D(2, 3, padding="causal"), L.AveragePooling1D(2))


@maker
def lstm():
    return sequence((5, 3), L.LSTM(4), L.Dense(1))


@maker
def gru():
    return sequence((5, 3), L.GRU(4), L.Dense(1))


@maker
def simple_rnn():
    return sequence((5, 3), L.SimpleRNN(4), L.Dense(1))


@maker
def bidirectional():
    return sequence((5, 3), L.Bidirectional(L.LSTM(4)), L.Dense(1))


@maker
def cells():
    return sequence((5, 3), L.RNN(L.LSTMCell(4)), L.Dense(1))


@maker
def convlstm():
    return sequence((3, 6, 6, 2), L.ConvLSTM2D(2, 3), L.Flatten(), L.Dense(1))


@maker
def distributed():
    return sequence((5, 3), L.TimeDistributed(L.Dense(2)), L.Flatten())


@maker
def mha():
    a = keras.Input((5, 8))
    return keras.Model(a, L.MultiHeadAttention(2, 4)(a, a))


@maker
def attention():
    a = keras.Input((5, 8))
    return keras.Model(a, L.Attention()([a, a]))


@maker
def embedding():
    return sequence((5,), L.Embedding(10, 4), L.Flatten(), L.Dense(1))


@maker
def embedding_length():
    return keras.Sequential([L.Embedding(10, 4, input_length=5), L.Flatten(), L.Dense(1)])


@maker
def lambda_():
    return sequence((4,), L.Lambda(lambda x: x * 2), L.Dense(1))


@maker
def nested_sequential():
    a = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), L.Dense(3)], name="inner")
    return keras.Model(a, L.Dense(1)(inner(a)))


@maker
def nested_functional():
    a, b = keras.Input((4,)), keras.Input((4,))
    inner = keras.Model(b, L.Dense(3)(b), name="inner")
    return keras.Model(a, L.Dense(1)(inner(a)))


@maker
def sequential_of_sequential():
    inner = keras.Sequential([keras.Input((4,)), L.Dense(3)], name="inner")
    return sequence((4,), inner, L.Dense(1))


@maker
def hard_sigmoid():
    return sequence((4,), L.Dense(8, activation="hard_sigmoid"), L.Dense(1))


@maker
def mixed():
    return sequence((4,), L.Dense(2, dtype="mixed_float16"), L.Dense(1, dtype="float32"))


@maker
def bfloat():
    return sequence((4,), L.Dense(2, dtype="mixed_bfloat16"), L.Dense(1, dtype="float32"))


@maker
def double():
    return sequence((4,), L.Dense(2, dtype="float64"), L.Dense(1, dtype="float32"))


@maker
def normalization():
    layer = L.Normalization()
    layer.adapt(np.arange(12, dtype="float32").reshape(3, 4))
    return sequence((4,), layer, L.Dense(1))


@maker
def textvectorization():
    layer = L.TextVectorization(output_sequence_length=4, vocabulary=["a", "b"])
    return keras.Sequential([keras.Input((1,), dtype="string"), layer, L.Embedding(9, 2)])


@maker
def adapted_text():
    layer = L.TextVectorization(output_sequence_length=4)
    layer.adapt(["a b", "a"])
    return keras.Sequential([keras.Input((1,), dtype="string"), layer, L.Embedding(9, 2)])


@maker
def lookup():
    layer = L.StringLookup(vocabulary=["a", "b"])
    return keras.Sequential([keras.Input((1,), dtype="string"), layer, L.Embedding(9, 2)])


@maker
def slash():
    a = keras.Input((4,))
    return keras.Model(a, L.Dense(1, name="blk_dense" if THREE else "blk/dense")(a))


@maker
def operators():
    a = keras.Input((4,))
    return keras.Model(a, L.Dense(3)(a) * 2.0 + 1.0)


@maker
def slicing():
    a = keras.Input((4,))
    return keras.Model(a, L.Dense(3)(a)[:, :2])


@maker
def leaky():
    slope = {"negative_slope": 0.3} if THREE else {"alpha": 0.3}
    return sequence(
        (4,), L.Dense(8), L.LeakyReLU(**slope), L.PReLU(), L.ELU(), L.ReLU(), L.Softmax()
    )


@maker
def thresholded():
    return sequence((4,), L.Dense(8), L.ThresholdedReLU(0.5), L.Dense(1))


@maker
def local():
    return sequence((8, 3), L.LocallyConnected1D(2, 3), L.Flatten())


@maker
def regularized():
    r, c = keras.regularizers.l2(0.1), keras.constraints.max_norm(2.0)
    return sequence((4,), L.Dense(8, kernel_regularizer=r, kernel_constraint=c), L.Dense(1))


@maker
def dropped():
    return sequence((4,), L.Dropout(0.5), L.GaussianNoise(0.1), L.Dense(1))


@maker
def shapes():
    layers = (L.ZeroPadding2D(1), L.UpSampling2D(2), L.Cropping2D(1), L.Permute((2, 1, 3)))
    return sequence((4, 4, 2), *layers, L.Reshape((-1,)), L.Dense(1))


@maker
def image():
    return sequence((8, 8, 3), L.Rescaling(1 / 255), L.RandomFlip("horizontal"), L.Flatten())


@maker
def resized():
    return sequence((8, 8, 3), L.Resizing(4, 4), L.CenterCrop(2, 2), L.Flatten())


@maker
def merged():
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b], L.Dot(1)([L.Multiply()([a, b]), L.Maximum()([a, b])]))


@maker
def masked():
    return sequence((5, 3), L.Masking(0.0), L.SimpleRNN(4))


@maker
def crossed():
    return sequence((4,), L.Discretization(bin_boundaries=[0.0, 1.0]), L.Flatten())


@maker
def swish():
    return sequence((4,), L.Dense(8, activation="swish"), L.Activation("gelu"), L.Dense(1))


@maker
def bidirectional_gru():
    return sequence((5, 3), L.Bidirectional(L.GRU(4)), L.Dense(1))


@maker
def stacked():
    return sequence((5, 3), L.RNN(L.StackedRNNCells([L.LSTMCell(4), L.GRUCell(3)])), L.Dense(1))


@maker
def spectral():
    return sequence((4,), L.SpectralNormalization(L.Dense(3)), L.Dense(1))


@maker
def residual():
    a = keras.Input((8, 8, 3))
    x = L.Conv2D(4, 3, padding="same", use_bias=False)(a)
    y = L.ReLU(6.0)(L.BatchNormalization()(x))
    return keras.Model(a, L.Dense(1)(L.GlobalAveragePooling2D()(L.Add()([x, y]))))


@maker
def random_crop():
    return sequence((8, 8, 3), L.RandomCrop(4, 4), L.Flatten())


@maker
def two_axes():
    return sequence((4, 4, 3), L.LayerNormalization(axis=[1, 2]), L.Flatten())


@maker
def functional_in_sequential():
    a = keras.Input((4,))
    return sequence((4,), keras.Model(a, L.Dense(4)(a)), L.Dense(1))


def normalized():
    a = keras.Input((4,))
    return keras.Model(a, L.BatchNormalization()(L.Dense(4)(a)), name="base")


@maker
def transfer():
    return keras.Sequential([normalized(), L.Dense(2)])


@maker
def inner_shape():
    return keras.Sequential([keras.Sequential([L.Dense(8, input_shape=(4,))]), L.Dense(1)])


@maker
def inner_lstm():
    return sequence((5, 3), sequence((5, 3), L.LSTM(4), L.Dense(3)), L.Dense(1))


@maker
def nested_batchnorm():
    a = keras.Input((4,))
    return keras.Model(a, L.Dense(2)(normalized()(a)))


@maker
def two_operands():
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b], (a + b) * a)


def twice(x):
    return x * 2.0


class Start(keras.initializers.Initializer):  # type: ignore[misc]  # Keras has no types
    def __call__(self, shape, dtype=None, **rest):
        make = keras.ops.ones if THREE else tf.ones
        return make(shape, dtype or "float32")

    def get_config(self):
        return {}


class Ones(Start):
    """Called like one of Keras' own."""


@maker
def custom_activation():
    return sequence((4,), L.Dense(3, activation=twice), L.Dense(1))


@maker
def custom_initializer():
    return sequence((4,), L.Dense(3, kernel_initializer=Start()), L.Dense(1))


@maker
def initializer_of_a_known_name():
    return sequence((4,), L.Dense(3, kernel_initializer=Ones()), L.Dense(1))


def custom_classes():
    @keras.saving.register_keras_serializable("shop")
    class Scale(L.Layer):
        def __init__(self, factor=2.0, **rest):
            super().__init__(**rest)
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    class Plain(Scale):
        pass

    class Net(keras.Model):
        def __init__(self, **rest):
            super().__init__(**rest)
            self.first, self.last = L.Dense(8), L.Dense(1)

        def build(self, shape):
            self.first.build(shape)
            self.last.build((None, 8))
            self.built = True

        def call(self, x):
            return self.last(self.first(x))

        def get_config(self):
            return {}

        @classmethod
        def from_config(cls, config):
            return cls()

    return Scale, Plain, Net


@maker
def transfer_frozen():
    """Part of the inner model is not to be trained, and a normalization lies in the middle."""
    a = keras.Input((4,))
    inner = keras.Sequential(
        [keras.Input((4,)), L.Dense(6), L.BatchNormalization(), L.Dense(6), L.Dense(3)],
        name="inner",
    )
    inner.layers[0].trainable = False
    return keras.Model(a, L.Dense(1)(inner(a)))


@maker
def twice_nested():
    a = keras.Input((4,))
    deep = keras.Sequential([keras.Input((4,)), L.Dense(4), L.BatchNormalization(), L.Dense(4)])
    inner = keras.Sequential([keras.Input((4,)), L.Dense(4), deep, L.BatchNormalization()])
    return keras.Model(a, L.Dense(1)(inner(a)))


@maker
def many():
    """More layers of one class than a digit counts, and another class between them."""
    layers = [L.Dense(4) for _ in range(12)]
    layers[5:5] = [L.BatchNormalization()]
    return sequence((4,), *layers)


@maker
def dropped_in():
    return sequence((4,), L.Dense(8), L.Dropout(0.5), L.LayerNormalization(), L.Dense(1))


@maker
def custom_registered():
    return sequence((4,), custom_classes()[0](), L.Dense(1))


@maker
def custom_plain():
    return sequence((4,), custom_classes()[1](), L.Dense(1))


def doubled():
    return L.Lambda(lambda x: x * 2)


@maker
def custom_then_lambda():
    return sequence((4,), custom_classes()[0](), doubled(), L.Dense(1))


@maker
def lambda_then_custom():
    return sequence((4,), doubled(), custom_classes()[1](), L.Dense(1))


@maker
def custom_then_lstm():
    return sequence((5, 3), custom_classes()[1](), L.LSTM(4), L.Dense(1))


@maker
def lstm_then_custom():
    return sequence((5, 3), L.LSTM(4), custom_classes()[0](), L.Dense(1))


@maker
def initializer_then_lambda():
    return sequence((4,), L.Dense(3, kernel_initializer=Start()), doubled(), L.Dense(1))


@maker
def activation_then_lambda():
    return sequence((4,), L.Dense(3, activation=twice), doubled(), L.Dense(1))


@maker
def custom_inside_then_lambda():
    a = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), custom_classes()[1](), L.Dense(3)])
    return keras.Model(a, L.Dense(1)(doubled()(inner(a))))


@maker
def branches():
    """The Lambda is made first, and the custom layer is met first."""
    a, last = keras.Input((4,)), doubled()
    return keras.Model(a, L.Dense(1)(last(custom_classes()[0]()(a))))


@maker
def custom_then_removed():
    middle = L.Dense(3) if THREE else L.ThresholdedReLU(0.1)
    return sequence((4,), custom_classes()[1](), middle, doubled(), L.Dense(1))


@maker
def subclassed():
    model = custom_classes()[2]()
    model(np.zeros((1, 4), "float32"))
    return model


# ------------------------------------------------------------------ compiling


def custom_loss(a, b):
    return a - b


COMPILED = {
    "strings": lambda: {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]},
    "loss_only": lambda: {"optimizer": "adam", "loss": "mse"},
    "accuracy": lambda: {
        "optimizer": "sgd",
        "loss": "binary_crossentropy",
        "metrics": ["accuracy"],
    },
    "long_names": lambda: {
        "optimizer": "adam",
        "loss": "mean_squared_error",
        "metrics": ["mean_absolute_error"],
    },
    "class_names": lambda: {
        "optimizer": "adam",
        "loss": "MeanSquaredError",
        "metrics": ["MeanAbsoluteError"],
    },
    "functions": lambda: {"optimizer": "adam", "loss": keras.losses.mean_squared_error},
    "objects": lambda: {
        "optimizer": keras.optimizers.SGD(0.1, momentum=0.9),
        "loss": keras.losses.MeanSquaredError(),
        "metrics": [keras.metrics.MeanAbsoluteError()],
    },
    "auc": lambda: {
        "optimizer": "rmsprop",
        "loss": keras.losses.BinaryCrossentropy(from_logits=True),
        "metrics": [keras.metrics.AUC(), "mse"],
    },
    "rate": lambda: {
        "optimizer": keras.optimizers.SGD(0.5, momentum=0.9),
        "loss": "mean_squared_error",
        "metrics": ["mean_absolute_error"],
    },
    "aliases": lambda: {"optimizer": "adam", "loss": "mean_squared_error", "metrics": ["mae"]},
    "named": lambda: {
        "optimizer": keras.optimizers.Adam(name="mine"),
        "loss": "mean_squared_error",
    },
    "measured": lambda: {
        "optimizer": "adam",
        "loss": "mean_squared_error",
        "metrics": [custom_loss],
    },
    "schedule": lambda: {
        "optimizer": keras.optimizers.Adam(
            keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.9)
        ),
        "loss": keras.losses.MeanSquaredError(),
    },
    "adamw": lambda: {
        "optimizer": keras.optimizers.AdamW(0.1, weight_decay=0.01),
        "loss": keras.losses.Huber(),
    },
    "legacy": lambda: {"optimizer": keras.optimizers.legacy.Adam(), "loss": keras.losses.Huber()},
    "custom": lambda: {"optimizer": "adam", "loss": custom_loss},
    "listed": lambda: {"optimizer": "adam", "loss": ["mse"], "metrics": [["mae"]]},
    "weighted": lambda: {
        "optimizer": "adam",
        "loss": keras.losses.MeanSquaredError(),
        "weighted_metrics": ["mse"],
    },
}


def inputs_of(model, maker):
    if maker in ("textvectorization", "adapted_text", "lookup"):
        return [np.array([["a"], ["b"]])]
    numbers = np.random.RandomState(0)
    tensors = getattr(model, "inputs", None)
    shapes = [tuple(i.shape) for i in tensors] if tensors else [(None, 4)]
    if maker.startswith("embedding"):
        return [numbers.randint(0, 10, (2, 5))]
    return [numbers.normal(size=(2, *shape[1:])).astype("float32") for shape in shapes]


def numbers_of(model, inputs, **quiet):
    """What the model computes; `quiet` is training=False where it takes that."""
    if "string" in str(inputs[0].dtype) or inputs[0].dtype.kind == "U":
        inputs = [tf.constant(i) for i in inputs]
    out = model(inputs if len(inputs) > 1 else inputs[0], **quiet)
    out = list(out.values()) if isinstance(out, dict) else out
    outs = out if isinstance(out, (list, tuple)) else [out]
    return [
        np.asarray(keras.ops.convert_to_numpy(o) if THREE else o).astype("float32") for o in outs
    ]


def prepare(maker, compiled):
    """A model with weights that no initializer gives, compiled and trained one step if asked."""
    if maker == "dense_" + compiled:
        maker = "dense"
    keras.utils.set_random_seed(1)
    model = MAKERS[maker]()
    if maker != "normalization":  # what it has learnt is no weight to be moved
        old = model.get_weights()
        model.set_weights(
            [w + np.asarray(0.25, w.dtype) if w.dtype.kind == "f" else w for w in old]
        )
    if compiled:
        model.compile(**COMPILED[compiled]())
        x = inputs_of(model, maker)
        y = np.zeros((2, 1), "float32")
        for _ in range(3):
            model.train_on_batch(x if len(x) > 1 else x[0], y)
    return model


# ------------------------------------------------------------------ writing and opening


RENAMED = {
    "no_extension": ("h5", "model.h5", "model"),
    "hdf5": ("h5", "model.h5", "model.hdf5"),
    "zip": ("keras", "model.keras", "model.zip"),
    "legacy_as_new": ("legacy", "w.h5", "w.weights.h5"),
    "new_as_legacy": ("weights", "model.weights.h5", "w.h5"),
}


def only_the_graph(folder):
    (folder.parent / "keras_metadata.pb").unlink()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


DAMAGED = {
    "only_graph": only_the_graph,
    "no_index": lambda folder: (folder / "variables.index").unlink(),
    "no_data": lambda folder: (folder / "variables.data-00000-of-00001").unlink(),
    "cut_data": lambda folder: os.truncate(folder / "variables.data-00000-of-00001", 20),
}


def write(name, maker, compiled, form):
    """Write `maker`'s model to the folder `name`; what lies beside it says what it computes."""
    Path(name).mkdir(exist_ok=True)
    if form in RENAMED:
        form, old, new = RENAMED[form]
        write(name, maker, compiled, form)
        Path(name, old).rename(Path(name, new))
        return
    if form in DAMAGED:
        write(name, maker, compiled, "savedmodel")
        DAMAGED[form](Path(name, "sm", "variables"))
        return
    model = prepare(maker, compiled)
    inputs = inputs_of(model, maker)
    expected = numbers_of(model, inputs, training=False)
    if form == "h5":
        model.save(name + "/model.h5", **({} if THREE else {"save_format": "h5"}))
    elif form in ("keras", "after_h5"):
        if form == "after_h5":
            model.save(name + "/model.h5")
        model.save(name + "/model.keras")
    elif form == "weights":
        model.save_weights(name + "/model.weights.h5")
    elif form == "legacy":
        model.save_weights(name + "/w.h5")
    elif form == "tfweights":
        model.save_weights(name + "/ck", save_format="tf")
    elif form == "checkpoint":
        tf.train.Checkpoint(model=model).save(name + "/ck")
    elif form == "optimizer_checkpoint":
        tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(name + "/ck")
    elif form == "savedmodel":
        model.save(name + "/sm", save_format="tf")
    elif form == "export":
        model.export(name + "/sm", **({"verbose": False} if THREE else {}))
    elif form == "tfsave":
        tf.saved_model.save(model, name + "/sm")
    elif form == "module":

        class Module(tf.Module):
            def __init__(self):
                super().__init__()
                self.w = tf.Variable(tf.ones((4, 1)), name="w")

            @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
            def __call__(self, x):
                return x @ self.w

        tf.saved_model.save(Module(), name + "/sm")
        expected = [inputs[0].sum(1, keepdims=True)]
    np.savez(name + "/expected.npz", **{str(i): e for i, e in enumerate(expected)})
    if form != "module":
        np.savez(name + "/weights.npz", *model.get_weights())
    if compiled:
        Path(name, "optimizer").write_text(type(model.optimizer).__name__, encoding="ascii")


def outcome(work, expected, tolerance=1e-4):
    """What became of an opening: same, different or raises, with words."""
    try:
        got = work()
    except BaseException as error:
        return {"is": "raises", "type": type(error).__name__, "text": str(error)[:3000]}
    if got is None:
        return {"is": "no numbers"}
    numbers, extra = got
    same = len(numbers) == len(expected) and all(
        a.shape == b.shape and np.allclose(a, b, atol=tolerance)
        for a, b in zip(numbers, expected, strict=True)
    )
    return {"is": "same" if same else "different", **extra}


def opened(name, maker, compiled, form):
    """How this environment opens what lies in the folder `name`, by each call that is natural."""
    with np.load(name + "/expected.npz") as file:
        expected = [file[key] for key in file.files]

    def load(path, **options):
        def work():
            for shop in [
                each for each in keras.utils.get_custom_objects() if each.startswith("shop>")
            ]:
                del keras.utils.get_custom_objects()[shop]
            model = keras.models.load_model(path, **options)
            if not callable(model):
                return None
            x = inputs_of(model, maker)
            numbers = numbers_of(
                model, x, **({"training": False} if hasattr(model, "layers") else {})
            )
            state = getattr(model, "optimizer", None)
            extra = {"optimizer": type(state).__name__ if state is not None else ""}
            extra["fit"] = hasattr(model, "fit")
            if state is not None:
                value = state.iterations
                extra["steps"] = int(
                    value.numpy() if hasattr(value, "numpy") else np.asarray(value)
                )
                extra["slots"] = moved(state)
                saved = Path(name, "optimizer")
                was = saved.read_text(encoding="ascii") if saved.exists() else ""
                extra["kept"] = was in ("", extra["optimizer"])
                rate = getattr(state, "learning_rate", None)
                try:
                    extra["rate"] = round(float(np.asarray(rate)), 6)
                except (TypeError, ValueError):
                    extra["rate"] = type(rate).__name__
                if numbers is not None:
                    extra["trains"] = trains(model, maker)
            return numbers, extra

        return outcome(work, expected, 1e-2 if maker in ("mixed", "bfloat") else 1e-4)

    def weights(path):
        def work():
            model = MAKERS[maker]()
            model.load_weights(path)
            return numbers_of(model, inputs_of(model, maker), training=False), {}

        return outcome(work, expected, 1e-2 if maker in ("mixed", "bfloat") else 1e-4)

    def restored(path):
        def work():
            import tensorflow as tf

            model = MAKERS[maker]()
            tf.train.Checkpoint(model=model).restore(path)
            return numbers_of(model, inputs_of(model, maker), training=False), {}

        return outcome(work, expected, 1e-2 if maker in ("mixed", "bfloat") else 1e-4)

    def layer(path, endpoint):
        def work():
            made = keras.layers.TFSMLayer(path, call_endpoint=endpoint)
            x = inputs_of(MAKERS[maker](), maker)
            return numbers_of(made, x), {}

        return outcome(work, expected, 1e-2 if maker in ("mixed", "bfloat") else 1e-4)

    if form in ("h5", "keras", "after_h5"):
        path = name + "/model." + ("h5" if form == "h5" else "keras")
        found = {"load": load(path)}
        if compiled:
            found["compile=False"] = load(path, compile=False)
        if found["load"]["is"] == "raises":
            found["safe_mode=False"] = load(path, compile=False, safe_mode=False)
        if found["load"]["is"] == "raises":
            found["weights"] = weights(path)
        return found
    if form in RENAMED:
        form, _, new = RENAMED[form]
        call = load if form in ("h5", "keras") else weights
        return {"load" if form in ("h5", "keras") else "weights": call(f"{name}/{new}")}
    if form in ("weights", "legacy"):
        return {"weights": weights(name + ("/model.weights.h5" if form == "weights" else "/w.h5"))}
    if form == "tfweights":
        return {"weights": weights(name + "/ck")}
    if form in ("checkpoint", "optimizer_checkpoint"):
        return {"restore": restored(name + "/ck-1")}
    found = {"load": load(name + "/sm")}
    if THREE:
        found["TFSMLayer"] = layer(name + "/sm", "serve" if form == "export" else "serving_default")
    return found


def trains(model, maker):
    """What comes of one step of training, and of how many the optimizer then knows."""
    x = inputs_of(model, maker)
    try:
        model.train_on_batch(x if len(x) > 1 else x[0], np.zeros((2, 1), "float32"))
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    value = model.optimizer.iterations
    return int(value.numpy() if hasattr(value, "numpy") else np.asarray(value))


def moved(optimizer):
    """Whether any variable of the optimizer but its counter and rate has left its start."""
    try:
        values = optimizer.variables if not callable(optimizer.variables) else optimizer.variables()
        return any(np.any(np.asarray(v) != 0) for v in list(values)[2:])
    except BaseException as error:
        return type(error).__name__


def told(name, maker, compiled, form):
    """What the model computes once the code in the folder `name` has set its weights."""
    with np.load(name + "/expected.npz") as file:
        expected = [file[key] for key in file.files]

    def work():
        model = MAKERS[maker]()
        x = inputs_of(model, maker)
        numbers_of(model, x, training=False)
        exec(Path(name, "told.py").read_text(encoding="utf-8"), {"np": np, "model": model})
        return numbers_of(model, x, training=False), {}

    return outcome(work, expected, 1e-2 if maker in ("mixed", "bfloat") else 1e-4)


def run(work, jobs, target):
    """Write each job's result to the file `target`; one that fails says how."""
    results = {}
    for name, *rest in jobs:
        try:
            results[name] = work(name, *rest)
        except BaseException as error:
            results[name] = {"failed": f"{type(error).__name__}: {str(error)[:300]}"}
    Path(target).write_text(json.dumps(results), encoding="utf-8")
