"""The catalogue: what breaks between Keras 2 and its two heirs, as data that is run.

::

    course/reference/catalogue/AREA.yaml ──rows──▶ Row ──trial──▶ what happened ──judge──▶ findings
                                            ├────pages──▶ course/reference/catalogue/*.md
                                            └─indexing──▶ index/ ──match──▶ explain

What the kernels of all environments import (`explain` down to `words`) needs the standard library
only.
"""

from autograder.environments import ROOT

FOLDER = ROOT / "course" / "reference" / "catalogue"
AS_TF_KERAS = "keras3_as_tf_keras"
"""A column that is no environment: Keras 3 reached as ``tf.keras`` in environment keras3."""
REST = "…"
"""In an expected text: anything may stand here."""
