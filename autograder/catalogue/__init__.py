"""The catalogue: what breaks between Keras 2 and its two heirs, as data that is run.

::

    course/reference/catalogue/AREA.yaml ──rows──▶ Row ──trial──▶ what happened ──judge──▶ findings
                                            └────pages──▶ course/reference/catalogue/*.md
"""
