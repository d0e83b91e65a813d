"""Model files of every kind, made and opened by every Keras; see `corpus`."""
