"""What can bite when a file is opened: causes, each with its row of the catalogue and the rescue.

A cause that the catalogue has no row for has an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["path", "config", "lambda", "code", "weights", "compile", "runs", "later"]
"""When it happens: at once, making the model, running code of the file, missing code of yours,
filling the weights, compiling; `runs` warns of code that runs without a question, and `later`
shows only when the opened model is used."""


@dataclass(frozen=True)
class Cause:
    """A row of the catalogue (or ""), and what helps, in one or two sentences."""

    row: str
    rescue: str


REBUILD = "Build the model in code and call load_weights on this file."
RECOMPILE = "Load it with compile=False and compile it in code."
NUMBERS = "Write the arrays out with inspect --weights; it shows the code that sets them."

CAUSES: dict[str, Cause] = {
    "time_major": Cause("load-h5-lstm-time-major", REBUILD),
    "time_major wrapped": Cause("load-h5-bidirectional-gru", REBUILD),
    "time_major archive": Cause("load-keras-lstm", REBUILD),
    "groups depthwise": Cause(
        "load-h5-depthwise-groups",
        "Pass custom_objects with a subclass that swallows groups=1, or build it in code and call"
        " load_weights on this file.",
    ),
    "groups transpose": Cause(
        "load-h5-conv2dtranspose-groups",
        "Pass custom_objects with a subclass that swallows groups=1, or build it in code and call"
        " load_weights on this file.",
    ),
    "attention shapes": Cause("load-h5-mha", REBUILD),
    "separable": Cause("load-h5-separableconv-arguments", REBUILD),
    "normalizes archive": Cause("load-keras-batchnormalization", REBUILD),
    "inner": Cause("load-h5-transfer-learning", REBUILD),
    "input shape": Cause("load-keras-input-shape-argument", REBUILD),
    "argument": Cause("load-keras-v3-file-from-2-15", REBUILD),
    "archive path": Cause("load-keras-v3-file-from-2-15", REBUILD),
    "newer archive": Cause(
        "save-keras-opened-by-keras2",
        "Carry weights, not archives: build the model in code and call load_weights on this file.",
    ),
    "newer h5": Cause(
        "save-h5-opened-by-keras2",
        "Carry weights, not models: build the model in code and call load_weights on this file.",
    ),
    "tf_keras h5": Cause("save-h5-opened-by-keras2", REBUILD),
    "tf_keras archive": Cause("save-keras-opened-by-keras2", REBUILD),
    "slash": Cause(
        "load-h5-slash-name",
        "Name the layer without a slash in code and call load_weights, which goes by order.",
    ),
    "nested": Cause("load-h5-nested-sequential", REBUILD),
    "operation layer": Cause(
        "load-h5-tfoplambda",
        "Write the operation with keras.ops in code and call load_weights on this file.",
    ),
    "operation": Cause(
        "load-h5-of-keras3-operation",
        "Operations on tensors do not survive an .h5: save it as .keras, or build it in code and"
        " call load_weights.",
    ),
    "word": Cause("load-h5-axis-of-two", REBUILD),
    "removed": Cause("layers-removed-thresholdedrelu", "Write the layer yourself, or use another."),
    "removed local": Cause(
        "layers-removed-locallyconnected", "Write the layer yourself, or use another."
    ),
    "policy": Cause("load-mixed-precision-h5", REBUILD),
    "policy archive": Cause("load-mixed-precision-h5", REBUILD),
    "normalization archive": Cause("load-keras-input-shape-argument", REBUILD),
    "text archive": Cause(
        "load-textvectorization-keras",
        "Take the vocabulary out with get_vocabulary where the file opens, and give it to a new"
        " layer.",
    ),
    "attention archive": Cause("load-h5-mha", REBUILD),
    "lambda": Cause(
        "load-lambda-h5",
        "If you trust its author: safe_mode=False runs the code inside. Better: write the function"
        " as a layer of your own.",
    ),
    "lambda new": Cause(
        "lambda-h5-load-blocked",
        "If you trust its author: safe_mode=False runs the code inside. Better: write the function"
        " as a layer of your own.",
    ),
    "lambda runs": Cause(
        "load-lambda-h5",
        "Opening it runs code from the file, without a question. Open it only if you trust its"
        " author.",
    ),
    "lambda archive": Cause(
        "load-lambda-h5", "Write the function as a layer of your own and call load_weights."
    ),
    "code": Cause("", "Define or import these, and pass them in custom_objects."),
    "loss code": Cause(
        "load-h5-custom-loss-unknown",
        "Define or import these, and pass them in custom_objects; or load it with compile=False.",
    ),
    "hard_sigmoid": Cause(
        "load-h5-hard-sigmoid-silent",
        "Pass custom_objects={'hard_sigmoid': f} with f(x) = clip(0.2 x + 0.5, 0, 1).",
    ),
    "hard_sigmoid back": Cause(
        "hard-sigmoid-definition", "Build it with relu6(x + 3) / 6 in place of hard_sigmoid."
    ),
    "convlstm": Cause(
        "convlstm-recurrent-activation-default",
        "Say recurrent_activation in code: 'hard_sigmoid' was the default of Keras 2, 'sigmoid' is"
        " that of Keras 3.",
    ),
    "unlisted": Cause("", "Pass it in custom_objects under its name, from keras.layers."),
    "crop": Cause(
        "randomcrop-inference-uncropped", "Crop in the input pipeline, or with CenterCrop."
    ),
    "loss": Cause("load-h5-metrics-mse-string", RECOMPILE),
    "loss object": Cause("load-h5-loss-object", RECOMPILE),
    "optimizer archive": Cause("load-keras-optimizer-object", RECOMPILE),
    "cannot compute": Cause("load-keras-then-predict-none", RECOMPILE),
    "compile": Cause("load-keras-optimizer-object", RECOMPILE),
    "optimizer replaced": Cause(
        "load-h5-optimizer-name-taken",
        "Compile it again with the rates that stand above.",
    ),
    "optimizer lost": Cause(
        "save-h5-then-keras-rmsprop",
        "Compile it again with the optimizer it was trained with; to save again, write the .keras"
        " before the .h5.",
    ),
    "optimizer state": Cause(
        "load-h5-optimizer-state", "Training starts with a fresh optimizer; mind the first steps."
    ),
    "cannot train": Cause("load-h5-optimizer-state", "Call compile again before fit or evaluate."),
    "savedmodel": Cause(
        "load-savedmodel-dir",
        "keras.layers.TFSMLayer(path, call_endpoint=...) computes with it, but does not train.",
    ),
    "savedmodel nothing": Cause(
        "load-savedmodel-dir", f"There is no TensorFlow here. {NUMBERS} Or open it elsewhere."
    ),
    "savedmodel cut": Cause(
        "load-savedmodel-dir",
        "Look for a whole copy of the folder: saved_model.pb, variables/ and, if model.save wrote"
        " it, keras_metadata.pb.",
    ),
    "savedmodel bare": Cause(
        "export-train-function-missing",
        "What comes back has endpoints, but no fit, no layers and no predict;"
        " tf.saved_model.load gives the same.",
    ),
    "savedmodel without metadata": Cause(
        "export-train-function-missing",
        "tf.saved_model.load opens it; it has no fit and no layers.",
    ),
    "checkpoint": Cause(
        "save-weights-tf-checkpoint",
        "Load it with tf_keras or Keras 2 in the same architecture and save_weights to .h5."
        f" Or: {NUMBERS[0].lower()}{NUMBERS[1:]}",
    ),
    "checkpoint silent": Cause(
        "tf-train-checkpoint-keras3",
        "restore raises nothing and changes nothing; assert_existing_objects_matched() shows it."
        f" {NUMBERS}",
    ),
    "checkpoint nothing": Cause("tf-train-checkpoint-keras3", NUMBERS),
    "extension": Cause("load-model-h5-no-ext", "Rename it: the name decides how it is read."),
    "weights extension": Cause(
        "save-weights-h5-extension", "Rename it: the name decides how it is read."
    ),
    "layout": Cause("weights-h5-attention-of-keras-3", NUMBERS),
    "no tensorflow": Cause(
        "load-textvectorization-keras", "This layer needs TensorFlow; open it where that is."
    ),
    "arrays": Cause("", "Look for a whole copy of the file."),
}


@dataclass(frozen=True)
class Bite:
    """One thing that bites in one environment.

    `cause`: key of `CAUSES`.  `what`: what happens, in one sentence.  `error`: the type that is
    raised; "" if nothing is, and then it is silent.  `missing`: what has its code elsewhere.
    """

    cause: str
    stage: Stage
    what: str
    error: str = ""
    missing: str = ""

    @property
    def row(self) -> str:
        return CAUSES[self.cause].row

    @property
    def rescue(self) -> str:
        return CAUSES[self.cause].rescue
