"""Files that mean harm or are broken: each a function that makes one and a phrase of the answer.

A file that is harmless once nothing in it is followed or run is ``CALM``: it is reported on, and
the phrase is in the report.
"""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

CONFIG = {
    "class_name": "Sequential",
    "module": "keras",
    "config": {
        "name": "s",
        "layers": [{"class_name": "Dense", "module": "keras.layers", "config": {"name": "d"}}],
    },
}
METADATA = {"keras_version": "2.15.0", "date_saved": "2024-01-01@00:00:00"}


@dataclass(frozen=True)
class Hostile:
    """`make` gets an empty folder and returns what to inspect."""

    name: str
    make: Callable[[Path], Path]
    says: str
    calm: bool
    weights: bool


CASES: list[Hostile] = []


def hostile(
    says: str, calm: bool = False, weights: bool = False
) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    def add(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
        CASES.append(Hostile(make.__name__, make, says, calm, weights))
        return make

    return add


# ------------------------------------------------------------------ zip


def weights_bytes() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["layers/d/vars/0"] = np.ones((2, 2), "float32")
    return buffer.getvalue()


def archive(path: Path, config: object = CONFIG, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", json.dumps(METADATA))
        file.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        file.writestr("model.weights.h5", weights_bytes())
        for name, data in more.items():
            file.writestr(name, data)
    return path


@hostile("a thousand times")
def zip_bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "m.keras", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(CONFIG))
        with file.open("model.weights.h5", "w", force_zip64=True) as member:
            for _ in range(64):
                member.write(bytes(1 << 20))
    return folder / "m.keras"


@hostile("larger than 32 MB")
def config_bomb(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "m.keras", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("config.json", b'{"a": "' + b"ab" * (17 << 20) + b'"}')
    return folder / "m.keras"


@hostile("a link or a device")
def zip_with_a_link(folder: Path) -> Path:
    path = archive(folder / "m.keras")
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("assets")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc")
    return path


@hostile("leads out of it")
def zip_with_an_absolute_name(folder: Path) -> Path:
    return archive(folder / "m.keras", **{"/etc/cron.d/x": b"x"})


@hostile("leads out of it")
def zip_that_climbs(folder: Path) -> Path:
    return archive(folder / "m.keras", **{"../../x": b"x"})


@hostile("two members of one name")
def zip_with_two_of_a_name(folder: Path) -> Path:
    path = folder / "m.keras"
    archive(path)
    with zipfile.ZipFile(path, "a") as file:
        file.filelist[1].filename = "other"  # so that nobody warns
        file.NameToInfo.clear()
        file.writestr("config.json", "{}")
        file.filelist[1].filename = "config.json"
    return path


@hostile("cut short or damaged")
def zip_cut_short(folder: Path) -> Path:
    path = archive(folder / "m.keras")
    path.write_bytes(path.read_bytes()[:-40])
    return path


@hostile("cut short or damaged")
def zip_whose_member_lies(folder: Path) -> Path:
    """Its directory says that the weights go on behind the end of the file."""
    path = archive(folder / "m.keras")
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 20 : at + 28] = struct.pack("<II", 1 << 30, 1 << 30)
    path.write_bytes(data)
    return path


@hostile("encrypted")
def zip_with_a_password(folder: Path) -> Path:
    path = archive(folder / "m.keras")
    data = bytearray(path.read_bytes())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    path.write_bytes(data)
    return path


@hostile("lists more than 16 MB of members")
def zip_with_a_huge_directory(folder: Path) -> Path:
    """It only says so; a true one would be as large."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, 1 << 30, 4, 0)
    (folder / "m.keras").write_bytes(b"PK\x03\x04" + end)
    return folder / "m.keras"


@hostile("no Keras archive")
def zip_of_something_else(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "m.keras", "w") as file:
        file.writestr("word/document.xml", "<x/>")
    return folder / "m.keras"


# ------------------------------------------------------------------ JSON


@hostile("nested deeper")
def deep_json(folder: Path) -> Path:
    return archive(folder / "m.keras", "[" * 100_000 + "]" * 100_000)


@hostile("nested deeper")
def rather_deep_json(folder: Path) -> Path:
    return archive(folder / "m.keras", '{"config":' * 700 + "1" + "}" * 700)


@hostile("more than 1,000,000 parts")
def json_of_empty_lists(folder: Path) -> Path:
    return archive(folder / "m.keras", "[" + "[]," * 1_000_001 + "1]")


@hostile("more than 50,000 objects")
def json_of_many_layers(folder: Path) -> Path:
    layers = [{"class_name": "Dense", "config": {}}] * 50_000
    return archive(folder / "m.keras", {"class_name": "Sequential", "config": {"layers": layers}})


@hostile("describes no model")
def json_of_no_model(folder: Path) -> Path:
    return archive(folder / "m.keras", [1, 2])


@hostile("is no JSON")
def half_json(folder: Path) -> Path:
    return archive(folder / "m.keras", '{"class_name": "Seq')


@hostile("Dense", calm=True)
def huge_name(folder: Path) -> Path:
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"][0]["config"]["name"] = "n" * (4 << 20)
    return archive(folder / "m.keras", config)


@hostile("\\x1b]0;owned", calm=True)
def names_that_steer_a_terminal(folder: Path) -> Path:
    config = json.loads(json.dumps(CONFIG))
    layer = config["config"]["layers"][0]["config"]
    layer["name"] = "\x1b]0;owned\x07\x1b[2J\u202e[bold]"
    return archive(folder / "m.keras", config)


@hostile("holds code", calm=True)
def lambda_with_code(folder: Path) -> Path:
    config = json.loads(json.dumps(CONFIG))
    code = {"class_name": "__lambda__", "config": {"code": "4wAAAAAAAAAA", "defaults": None}}
    config["config"]["layers"].append(
        {"class_name": "Lambda", "config": {"name": "evil", "function": code}}
    )
    return archive(folder / "m.keras", config)


@hostile("is not in the file", calm=True)
def config_that_names_system(folder: Path) -> Path:
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"].append(
        {"class_name": "system", "module": "os", "config": {"command": "touch owned"}}
    )
    return archive(folder / "m.keras", config)


class Touch:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.system, ("touch owned",)


@hostile("looks like a pickle, which is code that runs when it is loaded, and is not read; ask for")
def pickle(folder: Path) -> Path:
    import pickle as pickles

    (folder / "m.keras").write_bytes(pickles.dumps(Touch()))
    return folder / "m.keras"


@hostile("Dense", calm=True)
def archive_with_a_pickle(folder: Path) -> Path:
    import pickle as pickles

    return archive(folder / "m.keras", **{"assets/vocabulary.pkl": pickles.dumps(Touch())})


# ------------------------------------------------------------------ HDF5


def model_h5(path: Path) -> h5py.File:
    """An open file with a configuration, to be made worse."""
    file = h5py.File(path, "w")
    file.attrs["model_config"] = json.dumps(CONFIG)
    file.attrs["keras_version"] = "2.15.0"
    file.create_group("model_weights")
    return file


@hostile("cut short")
def hdf5_cut_short(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file["model_weights/w"] = np.ones(1000)
    (folder / "m.h5").write_bytes((folder / "m.h5").read_bytes()[:4000])
    return folder / "m.h5"


@hostile("damaged")
def hdf5_of_noise(folder: Path) -> Path:
    noise = np.random.RandomState(0).bytes(10_000)
    (folder / "m.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + noise)
    return folder / "m.h5"


@hostile("another file, which was not followed", calm=True)
def link_to_another_file(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file["model_weights/w"] = h5py.ExternalLink("/etc/passwd", "/")
    return folder / "m.h5"


@hostile("another place, which was not followed", calm=True)
def links_in_a_ring(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file["model_weights/a"] = h5py.SoftLink("/model_weights/b")
        file["model_weights/b"] = h5py.SoftLink("/model_weights/a")
    return folder / "m.h5"


@hostile("second name of another object", calm=True)
def group_in_itself(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file["model_weights/again"] = file["model_weights"]
    return folder / "m.h5"


@hostile("nested deeper")
def deep_groups(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file.create_group("model_weights/" + "a/" * 1000)
    return folder / "m.h5"


@hostile("Dense", calm=True)
def many_attributes(folder: Path) -> Path:
    with h5py.File(folder / "m.h5", "w", libver="latest") as file:
        file.attrs["model_config"] = json.dumps(CONFIG)
        for number in range(20_000):
            file.attrs[f"a{number}"] = number
    return folder / "m.h5"


@hostile("larger than 32 MB")
def huge_attribute(folder: Path) -> Path:
    with h5py.File(folder / "m.h5", "w", libver="latest") as file:
        file.attrs["model_config"] = np.bytes_(b"x" * (40 << 20))
    return folder / "m.h5"


@hostile("the file holds 0 of them", calm=True)
def absurd_shape(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file.create_dataset("model_weights/w", (1 << 40, 1 << 20), "f8", chunks=(1, 1024))
    return folder / "m.h5"


@hostile("no arrays in it", weights=True)
def absurd_shape_written_out(folder: Path) -> Path:
    return absurd_shape(folder)


@hostile("of them", calm=True)
def compression_bomb(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        shape = (200 << 20,)
        file.create_dataset("model_weights/w", shape, "u1", compression="gzip", chunks=(20 << 20,))
        file["model_weights/w"][:] = 0
    return folder / "m.h5"


@hostile("no arrays in it", weights=True)
def compression_bomb_written_out(folder: Path) -> Path:
    return compression_bomb(folder)


@hostile("are damaged", weights=True)
def chunk_that_inflates(folder: Path) -> Path:
    """1,024 bytes, whose place holds a stream of more than a gigabyte."""
    packer = zlib.compressobj(9)
    first, more = (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in "ab")
    with model_h5(folder / "m.h5") as file:
        made = file.create_dataset("model_weights/w", (1024,), "u1", chunks=(1024,), compression=9)
        made.id.write_direct_chunk((0,), first + more * 1200)
    return folder / "m.h5"


@hostile("as no Keras does it", calm=True)
def chunk_of_gigabytes(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file.create_dataset("model_weights/w", (10,), "f8", chunks=(1 << 28,), maxshape=(None,))
    return folder / "m.h5"


@hostile("as no Keras does it", calm=True)
def array_in_crumbs(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file.create_dataset("model_weights/w", (1 << 24,), "u1", chunks=(1,))
    return folder / "m.h5"


@hostile("put together from other files", calm=True)
def virtual_dataset(folder: Path) -> Path:
    layout = h5py.VirtualLayout((10,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (10,))
    with model_h5(folder / "m.h5") as file:
        file.create_virtual_dataset("model_weights/w", layout)
    return folder / "m.h5"


@hostile("its numbers lie in another file", calm=True)
def external_storage(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file.create_dataset("model_weights/w", (10,), "u1", external=[("/etc/passwd", 0, 10)])
    return folder / "m.h5"


@hostile("no arrays in it", weights=True)
def external_storage_written_out(folder: Path) -> Path:
    return external_storage(folder)


@hostile("it holds no numbers", calm=True)
def references(folder: Path) -> Path:
    with model_h5(folder / "m.h5") as file:
        file.create_dataset("model_weights/w", (2,), h5py.ref_dtype)
        file["model_weights/w"][0] = file["/"].ref
    return folder / "m.h5"


@hostile("larger than", calm=False)
def attribute_whose_text_is_huge(folder: Path) -> Path:
    with h5py.File(folder / "m.h5", "w", libver="latest") as file:
        file.attrs["model_config"] = "[" + "1," * (20 << 20) + "1]"
    return folder / "m.h5"


@hostile("neither a Keras model nor its weights")
def hdf5_of_something_else(folder: Path) -> Path:
    with h5py.File(folder / "m.h5", "w") as file:
        file["measured"] = np.ones(3)
    return folder / "m.h5"


@hostile("lists more than 50,000 names", weights=True)
def list_of_a_great_many_layers(folder: Path) -> Path:
    with h5py.File(folder / "m.h5", "w", libver="latest") as file:
        file.attrs["model_config"] = json.dumps(CONFIG)
        file["model_weights/d/w"] = np.ones(3, "float32")
        file["model_weights"].attrs["layer_names"] = np.full(60_000, b"d")
    return folder / "m.h5"


# ------------------------------------------------------------------ protobuf and tables


def saved_model(folder: Path, data: bytes) -> Path:
    (folder / "sm").mkdir()
    (folder / "sm" / "saved_model.pb").write_bytes(data)
    return folder / "sm"


@hostile("cut short or damaged")
def length_beyond_the_end(folder: Path) -> Path:
    return saved_model(folder, b"\x08\x01\x12" + b"\xff" * 9 + b"\x01")


@hostile("cut short or damaged")
def number_without_an_end(folder: Path) -> Path:
    return saved_model(folder, b"\x08" + b"\xff" * 40)


@hostile("none that TensorFlow wrote")
def saved_model_of_nothing(folder: Path) -> Path:
    return saved_model(folder, b"\x08\x01")


@hostile("damaged")
def saved_model_of_groups(folder: Path) -> Path:
    return saved_model(folder, b"\x0b" * 1000)


@hostile("saved_model.pb is a link out of the folder, to /etc/passwd")
def saved_model_that_is_a_link(folder: Path) -> Path:
    path = saved_model(folder, b"") / "saved_model.pb"
    path.unlink()
    path.symlink_to("/etc/passwd")
    return path.parent


@hostile("is a link out of the folder", weights=True)
def variables_that_are_a_link(folder: Path) -> Path:
    path = saved_model(folder, b"\x08\x01\x12\x00") / "variables"
    path.mkdir()
    (path / "variables.index").touch()
    (path / "variables.data-00000-of-00001").symlink_to("/etc/passwd")
    return path.parent


@hostile("is a link out of the folder")
def folder_of_variables_that_is_a_link(folder: Path) -> Path:
    path = saved_model(folder, b"\x08\x01\x12\x00") / "variables"
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "variables.index").touch()
    path.symlink_to(folder / "elsewhere")
    return path.parent


@hostile("is a pipe")
def saved_model_that_is_a_pipe(folder: Path) -> Path:
    path = saved_model(folder, b"") / "saved_model.pb"
    path.unlink()
    os.mkfifo(path)
    return path.parent


def index(folder: Path, data: bytes) -> Path:
    (folder / "ck.index").write_bytes(data)
    return folder / "ck"


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def footer(offset: int, size: int) -> bytes:
    handles = number(0) + number(0) + number(offset) + number(size)
    return handles.ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")


@hostile("cut short or is none")
def index_cut_short(folder: Path) -> Path:
    return index(folder, b"abc")


@hostile("cut short or damaged")
def index_with_a_huge_block(folder: Path) -> Path:
    return index(folder, footer(1, 1 << 62))


@hostile("damaged")
def index_with_too_many_restarts(folder: Path) -> Path:
    block = b"\xff\xff\xff\xff"
    return index(folder, block + b"\0" * 5 + footer(0, 4))


@hostile("is missing", calm=True)
def checkpoint_without_its_data(folder: Path) -> Path:
    return checkpoint_of(folder, 8)


def checkpoint_of(folder: Path, size: int) -> Path:
    """The index of one array of `size` bytes."""
    key = b"w/.ATTRIBUTES/VARIABLE_VALUE"
    dim = b"\x08" + number(size // 4)
    shape = b"\x12" + number(len(dim)) + dim
    entry = b"\x08\x01\x12" + number(len(shape)) + shape + b"\x28" + number(size)
    body = bytes([0, len(key), len(entry)]) + key + entry
    block = body + (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
    handle = bytes([0, len(block)])
    second = bytes([0, len(key), len(handle)]) + key + handle
    second += (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
    start = len(block) + 5
    data = block + b"\0" * 5 + second + b"\0" * 5 + footer(start, len(second))
    return index(folder, data)


@hostile("names no checkpoint of this folder")
def checkpoint_elsewhere(folder: Path) -> Path:
    (folder / "checkpoint").write_text('model_checkpoint_path: "../../etc/passwd"\n')
    return folder


# ------------------------------------------------------------------ no files at all


@hostile("is empty")
def empty(folder: Path) -> Path:
    (folder / "m.h5").touch()
    return folder / "m.h5"


@hostile("a pipe")
def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "m.h5")
    return folder / "m.h5"


@hostile("a device")
def device(folder: Path) -> Path:
    return Path("/dev/zero")


@hostile("leads back to itself")
def link_to_itself(folder: Path) -> Path:
    (folder / "m.h5").symlink_to("m.h5")
    return folder / "m.h5"


@hostile("neither saved_model.pb nor a checkpoint")
def folder_in_itself(folder: Path) -> Path:
    (folder / "again").symlink_to(folder)
    return folder / "again" / "again"


@hostile("leads nowhere")
def link_to_nothing(folder: Path) -> Path:
    (folder / "m.h5").symlink_to("missing")
    return folder / "m.h5"


@hostile("no such file")
def nothing(folder: Path) -> Path:
    return folder / "m.h5"


@hostile("a PyTorch file")
def torch(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "m.h5", "w") as file:
        file.writestr("net/data.pkl", b"\x80\x02}q\x00.")
    return folder / "m.h5"


@hostile("an ONNX model, which no Keras opens; onnxruntime computes with it")
def onnx(folder: Path) -> Path:
    """Version 8, its producer, a graph that is called main, and operators of version 17."""
    data = b"\x08\x08\x12\x07pytorch\x1a\x032.1\x3a\x06\x12\x04main\x42\x02\x10\x11"
    (folder / "m.onnx").write_bytes(data)
    return folder / "m.onnx"


@hostile("a graph of TensorFlow in text form")
def graph_in_words(folder: Path) -> Path:
    (folder / "m.pbtxt").write_text('node {\n  name: "x"\n  op: "Placeholder"\n}\n')
    return folder / "m.pbtxt"


@hostile("the graph of a SavedModel; call it saved_model.pb")
def saved_model_of_another_name(folder: Path) -> Path:
    (folder / "m.pb").write_bytes(b"\x08\x01\x12\x00")
    return folder / "m.pb"


@hostile("saved_model.pb is cut short or damaged; get a whole copy")
def saved_model_cut_short(folder: Path) -> Path:
    return saved_model(folder, b"\x08\x01\x12\x7f\x0a\x02")


@hostile("saved_model.pb is empty; get a whole copy")
def saved_model_that_is_empty(folder: Path) -> Path:
    return saved_model(folder, b"")


@hostile("a TensorFlow Lite model, which no Keras opens; tf.lite.Interpreter computes with it")
def tensorflow_lite(folder: Path) -> Path:
    (folder / "m.tflite").write_bytes(b"\x1c\0\0\0TFL3" + bytes(20))
    return folder / "m.tflite"


@hostile("a safetensors file")
def safetensors(folder: Path) -> Path:
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    (folder / "m.h5").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    return folder / "m.h5"


@hostile("NumPy's .npz")
def arrays_of_numpy(folder: Path) -> Path:
    np.savez(folder / "m.npz", a=np.ones(3))
    return folder / "m.npz"


@hostile("a configuration alone")
def configuration_alone(folder: Path) -> Path:
    (folder / "m.json").write_text(json.dumps(CONFIG))
    return folder / "m.json"


@hostile("name a file in it, as m.h5")
def folder_of_files(folder: Path) -> Path:
    model_h5(folder / "m.h5").close()
    return folder


@hostile("pointer of Git LFS")
def pointer(folder: Path) -> Path:
    (folder / "m.h5").write_text("version https://git-lfs.github.com/spec/v1\n")
    return folder / "m.h5"


@hostile("a web page")
def web_page(folder: Path) -> Path:
    (folder / "m.h5").write_text("<!DOCTYPE html><title>404</title>")
    return folder / "m.h5"
