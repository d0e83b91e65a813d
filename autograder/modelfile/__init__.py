"""The command ``inspect``: a model file read as bytes, without any Keras.

::

    command ──starts──▶ child: limits, then no file system ──▶ kinds ─▶ hdf5 · archive · savedmodel
       │                                                         │         checkpoint · protobuf · table
       │                                                         ▼
       │                                                       facts ─▶ objects · written · predict
       ▼                                                                     │
     show ◀────────────────────────── one JSON report ◀──────────────────────┘
"""
