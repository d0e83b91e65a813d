"""The command ``inspect``: a model file read as bytes, without any Keras.

::

    command ──starts──▶ child: limits, no other files ──▶ kinds ─▶ hdf5 · archive · checkpoint
       │                                                   │        savedmodel · protobuf · table
       │                                                   ▼
       │                                                 facts ─▶ objects · written · predict, makes
       ▼                                                                │
     show ◀──────────────────────── one JSON report ◀───────────────────┘

With ``--weights``, `order` says how a model has its arrays, and `npz` writes them so.
"""
