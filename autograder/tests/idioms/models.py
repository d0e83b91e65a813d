"""Models and layers from the outside: shapes, layers, configs, summaries, attributes."""
# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors


# %% case: input-and-output-shape
# %% solution
def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, kernel_initializer="ones")])


# %% test
model = build()
assert model.input_shape == (None, 4), model.input_shape
assert model.output_shape == (None, 2), model.output_shape
assert model.output_shape[1:] == (2,)


# %% case: several-outputs
# %% solution
def build():
    x = keras.Input((4,))
    return keras.Model(
        x,
        [
            keras.layers.Dense(2, kernel_initializer="ones")(x),
            keras.layers.Dense(1, kernel_initializer="ones")(x),
        ],
    )


# %% test
model = build()
assert len(model.outputs) == 2
assert [tuple(t.shape) for t in model.outputs] == [(None, 2), (None, 1)]


# %% case: layer-names
# %% solution
def build():
    return keras.Sequential(
        [keras.layers.Dense(2, name="a"), keras.layers.ReLU(name="b")], name="m"
    )


# %% test
model = build()
assert model.name == "m"
assert len(model.layers) == 2
assert [layer.name for layer in model.layers] == ["a", "b"]
assert model.layers[-1].name == "b"


# %% case: get-layer
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2, name="head")])


# %% test
model = build()
assert model.get_layer("head").units == 2
assert model.get_layer(index=0).name == "head"


# %% case: enumerate-and-zip-layers
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(n) for n in (4, 3)])


# %% test
for i, layer in enumerate(build().layers):
    assert layer.units == 4 - i
for layer, units in zip(build().layers, (4, 3)):
    assert layer.units == units, f"{layer.name} has {layer.units} units"


# %% case: next-with-condition
# %% solution
def build():
    return keras.Sequential([keras.layers.ReLU(), keras.layers.Dense(7)])


# %% test
model = build()
dense = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
assert dense.units == 7
assert max(model.layers, key=lambda layer: getattr(layer, "units", 0)).units == 7


# %% case: layer-attributes
# %% solution
def make():
    return keras.layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)


# %% test
layer = make()
assert layer.filters == 4
assert tuple(layer.kernel_size) == (3, 3)
assert layer.strides == (2, 2)
assert layer.padding == "same"
assert layer.use_bias is False


# %% case: activation-name
# %% solution
def build():
    return keras.Sequential([keras.layers.Dense(2, activation="tanh")])


# %% test
assert build().layers[0].activation.__name__ == "tanh"


# %% case: initializer-and-regularizer
# %% solution
def make():
    return keras.layers.Dense(
        2, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.5)
    )


# %% test
layer = make()
assert isinstance(layer.kernel_initializer, keras.initializers.Ones)
assert isinstance(layer.kernel_regularizer, keras.regularizers.L2)
assert abs(float(layer.kernel_regularizer.l2) - 0.5) < 1e-6


# %% case: get-config
# %% solution
def make():
    return keras.layers.Dense(3, activation="relu", name="d")


# %% test
config = make().get_config()
assert config["units"] == 3
assert config["activation"] == "relu"
assert config.get("name") == "d"
assert {"units", "use_bias"} <= set(config)


# %% case: learner-get-config
# %% solution
class Scale(keras.layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


# %% test
layer = Scale(3.0, name="triple")
assert layer.get_config()["factor"] == 3.0
clone = Scale.from_config(layer.get_config())
assert isinstance(clone, Scale) and clone is not layer
assert (clone.factor, clone.name) == (3.0, "triple")


# %% case: from-config-of-library-class
# %% solution
def make():
    return keras.layers.Dense(3, name="d")


# %% test
again = keras.layers.Dense.from_config(make().get_config())
assert again.units == 3 and again.name == "d"


# %% case: config-is-json
# %% solution
def build():
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones", name="d")]
    )


# %% test
import json

text = build().to_json()
assert isinstance(text, str)
assert json.loads(text)["class_name"] == "Sequential"
json.dumps(build().layers[0].get_config())


# %% case: summary-with-print-fn
# %% solution
def build():
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, kernel_initializer="ones", name="the_head")]
    )


# %% test
lines = []
build().summary(print_fn=lines.append)
assert any("the_head" in line for line in lines), lines


# %% case: summary-with-lambda
# %% solution
def build():
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, kernel_initializer="ones", name="the_head")]
    )


# %% test
text = []
build().summary(print_fn=lambda line, **kwargs: text.append(line))
assert "the_head" in "\n".join(text)


# %% case: summary-redirected
# %% solution
def build():
    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, kernel_initializer="ones", name="the_head")]
    )


# %% test
import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()) as out:
    build().summary()
assert "the_head" in out.getvalue()


# %% case: count-params
# %% solution
def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer="ones")])


# %% test
assert build().count_params() == 8
assert sum(int(np.prod(w.shape)) for w in build().trainable_weights) == 8


# %% case: set-trainable
# %% solution
def build():
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2, kernel_initializer="ones"),
            keras.layers.Dense(1, kernel_initializer="ones"),
        ]
    )


# %% test
model = build()
model.layers[0].trainable = False
assert model.layers[0].trainable is False
assert len(model.trainable_weights) == 2
assert len(model.non_trainable_weights) == 2
model.trainable = False
assert model.trainable_weights == []


# %% case: compute-output-shape
# %% solution
class Pool(keras.layers.Layer):
    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])


# %% test
assert tuple(Pool().compute_output_shape((None, 5, 3))) == (None, 3)


# %% case: layer-call-on-array
# %% solution
class Double(keras.layers.Layer):
    def call(self, x):
        return 2 * x


# %% test
x = np.arange(6, dtype="float32").reshape(2, 3)
y = Double()(x)
assert y.shape == (2, 3) and tuple(y.shape) == (2, 3)
assert np.allclose(y, 2 * x)
close(y, 2 * x, what="Double()(x)")


# %% case: layer-call-training-flag
# %% solution
class Half(keras.layers.Layer):
    def call(self, x, training=False):
        return x / 2 if training else x


# %% test
x = np.ones((1, 2), "float32")
close(Half()(x), x)
close(Half()(x, training=True), x / 2)


# %% case: layer-on-list-of-inputs
# %% solution
class Join(keras.layers.Layer):
    def call(self, inputs):
        a, b = inputs
        return a + 2 * b


# %% test
a, b = np.ones((1, 2), "float32"), np.full((1, 2), 3, "float32")
close(Join()([a, b]), a + 2 * b)


# %% case: layer-with-state
# %% solution
class Counter(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def call(self, x):
        self.calls += 1
        return x


# %% test
layer = Counter()
layer(np.ones((1, 1), "float32"))
layer(np.ones((1, 1), "float32"))
assert layer.calls == 2
layer.calls = 10
assert layer.calls == 10


# %% case: add-and-pop-layers
# %% solution
def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer="ones")])


# %% test
model = build()
model.add(keras.layers.Dense(5))
assert model.output_shape == (None, 5)
model.pop()
assert len(model.layers) == 1


# %% case: subclassed-model
# %% solution
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(2, kernel_initializer="ones")

    def call(self, x):
        return self.head(x)


# %% test
net = Net()
close(net(np.ones((1, 3), "float32")), [[3, 3]])
assert isinstance(net, keras.Model) and isinstance(net.head, keras.layers.Dense)
assert net.head.units == 2


# %% case: dtype-policy-of-layer
# %% solution
def make():
    return keras.layers.Dense(2, dtype="float16", kernel_initializer="ones")


# %% test
layer = make()
assert layer.compute_dtype == "float16"
assert layer.dtype == "float16"
layer.build((None, 3))
assert layer.kernel.dtype == "float16"
