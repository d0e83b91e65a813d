"""What runs inside an environment: zygote, guard, box, witness and checker.

Only the standard library, NumPy and IPython may be imported here, because the Keras
environments hold nothing else.  Nothing here is imported by the parent's side except
`wire`, which both sides speak.
"""
