"""Warm kernels, driven as Jupyter drives them."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop

from autograder import provisioner
from autograder.boxes import ZygoteFailed
from autograder.environments import ROOT, STATE, table
from autograder.inside.guard import descendants
from autograder.kernels import allowed, kernel_name, kernelspec, passed_on, write_kernelspecs

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


def test_a_kernel_knows_where_the_state_is_kept_wherever_it_runs():
    given = {"WHICHKERAS_HOME": "relative", "JPY_SESSION_NAME": "a.ipynb", "SECRET": "x"}
    expected = {"WHICHKERAS_HOME": str(STATE), "JPY_SESSION_NAME": "a.ipynb"}
    assert passed_on(given) == expected
    assert passed_on({"WHICHKERAS_HOME": ""}) == {}


@pytest.fixture(scope="module")
def specs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("share") / "kernels"
    write_kernelspecs(folder)
    manager = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
    yield manager
    if provisioner._shared is not None:
        provisioner._shared.close()
        provisioner._shared = None
    ensure_event_loop().close()  # jupyter_client's


def in_thread(call):
    """With jupyter_client, which makes an event loop for each thread."""
    try:
        call()
    finally:
        ensure_event_loop().close()


class Kernel:
    def __init__(self, specs, name):
        self.manager = KernelManager(kernel_name=name, kernel_spec_manager=specs)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(120)

    def run(self, source, during=None):
        """(status, printed text); `during` is called once the cell has begun."""
        printed = []

        def hook(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
                if during is not None and "begun" in content["text"]:
                    threading.Thread(target=in_thread, args=(during,)).start()

        reply = self.client.execute_interactive(source, output_hook=hook, timeout=120)
        return reply["content"]["status"], "".join(printed).strip()

    @property
    def pid(self):
        return self.manager.provisioner.process.pid

    def close(self):
        self.client.stop_channels()
        with contextlib.suppress(Exception):
            self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(specs):
    kernel = Kernel(specs, "keras3")
    yield kernel
    kernel.close()


def gone(pid, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_kernelspecs_name_the_environment_and_start_cold_elsewhere():
    spec = kernelspec(table()["keras2"])
    assert spec["display_name"] == "Keras 2 (keras2)"
    assert spec["argv"][0] == str(table()["keras2"].python)
    assert spec["metadata"]["kernel_provisioner"]["config"] == {"environment": "keras2"}


def test_jupyter_takes_the_name_of_every_kernelspec(tmp_path):
    names = set(write_kernelspecs(tmp_path))
    manager = KernelSpecManager(kernel_dirs=[str(tmp_path)], ensure_native_kernel=False)
    assert {"keras2", "tf_keras", "keras3"} <= names == set(manager.find_kernel_specs())
    assert names <= allowed()


def test_an_overlay_has_a_kernel_of_its_own():
    name = kernel_name("keras3+hub")
    assert name == "keras3-hub"
    assert name in allowed()
    config = kernelspec(table()["keras3+hub"])["metadata"]["kernel_provisioner"]["config"]
    assert config == {"environment": "keras3+hub"}


def test_a_kernel_is_forked_with_its_keras_and_the_magics(kernel):
    assert isinstance(kernel.manager.provisioner.process.started, provisioner.WarmKernel)
    source = "import sys, os; print('keras' in sys.modules, os.environ['KERAS_BACKEND'])"
    assert kernel.run(source) == ("ok", "True tensorflow")
    status, said = kernel.run("%every --help")
    assert status == "ok"
    assert "--fresh" in said


@pytest.mark.parametrize(
    "sleep", ["import time; time.sleep(600)", "import subprocess; subprocess.run(['sleep', '600'])"]
)
def test_an_interrupt_stops_the_cell_and_keeps_the_kernel(kernel, sleep):
    source = f"x = 7\nprint('begun', flush=True)\n{sleep}"
    status, _ = kernel.run(source, during=kernel.manager.interrupt_kernel)
    assert status == "error"
    assert kernel.run("print(x)") == ("ok", "7")


def test_a_restart_keeps_the_connection_and_draws_other_numbers(kernel):
    before = kernel.manager.connection_file, kernel.pid
    draw = "import random, numpy; print(random.random(), numpy.random.rand())"
    first = kernel.run(f"x = 1; {draw}")
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(60)
    assert kernel.manager.connection_file == before[0]
    assert gone(before[1])
    assert kernel.run("print('x' in globals())") == ("ok", "False")
    assert kernel.run(draw) != first


def test_a_shutdown_leaves_nothing_behind(kernel):
    pid = kernel.pid
    kernel.run("import subprocess; p = subprocess.Popen(['sleep', '600'], start_new_session=True)")
    _, child = kernel.run("print(p.pid)")
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel()
    assert gone(pid)
    assert gone(int(child))


def test_a_death_is_noticed_with_its_status(kernel):
    process = kernel.manager.provisioner.process
    os.kill(kernel.pid, signal.SIGKILL)
    assert gone(kernel.pid)
    process.started._box.ended(20)
    assert process.poll() == -signal.SIGKILL
    assert not kernel.manager.is_alive()


def test_a_dead_zygote_is_replaced_and_its_kernels_live_on(kernel, specs):
    zygote = provisioner.shared().zygotes._running["keras3"][0]
    zygote.kill()
    zygote.wait()
    assert kernel.run("print(1)") == ("ok", "1")
    other = Kernel(specs, "keras3")
    try:
        assert isinstance(other.manager.provisioner.process.started, provisioner.WarmKernel)
        assert other.run("print(2)") == ("ok", "2")
    finally:
        other.close()


def test_jupyter_is_answered_while_the_zygote_still_imports(specs):
    manager = KernelManager(kernel_name="tf_keras", kernel_spec_manager=specs)
    manager.start_kernel()
    process = manager.provisioner.process
    assert process.started is None
    assert manager.is_alive()
    manager.shutdown_kernel(now=True)
    assert not manager.is_alive()
    process._thread.join(120)
    assert gone(process.pid)


def test_a_zygote_that_fails_means_a_cold_start(specs, monkeypatch):
    def fail(*_):
        raise ZygoteFailed("no")

    monkeypatch.setattr(provisioner.shared().zygotes, "start", fail)
    cold = Kernel(specs, "keras3")
    try:
        assert isinstance(cold.manager.provisioner.process.started, subprocess.Popen)
        source = "print('begun', flush=True); import time; time.sleep(600)"
        assert cold.run(source, during=cold.manager.interrupt_kernel)[0] == "error"
    finally:
        cold.close()


def test_without_a_zygote_a_kernel_starts_cold(specs, monkeypatch):
    monkeypatch.setattr(provisioner, "WARM", False)
    cold = Kernel(specs, "keras3")
    try:
        assert isinstance(cold.manager.provisioner.process, subprocess.Popen)
        source = "import os, sys; print(os.environ['KERAS_BACKEND'], 'keras' in sys.modules)"
        assert cold.run(source) == ("ok", "tensorflow False")
        assert "--fresh" in cold.run("%every --help")[1]
    finally:
        cold.close()


def test_a_killed_server_leaves_nothing(tmp_path):
    program = textwrap.dedent(f"""
        import sys, time
        from autograder.kernels import write_kernelspecs
        from jupyter_client.kernelspec import KernelSpecManager
        from jupyter_client.manager import KernelManager
        from pathlib import Path
        folder = Path({str(tmp_path)!r}) / "kernels"
        write_kernelspecs(folder)
        specs = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
        manager = KernelManager(kernel_name="keras3", kernel_spec_manager=specs)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(120)
        print("ready", flush=True)
        time.sleep(600)
    """)
    server = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert server.stdout.readline() == "ready\n"
        below = descendants(server.pid)
        assert len(below) >= 3  # zygote, guard, kernel
        server.kill()
        server.wait()
    assert [pid for pid in below if not gone(pid)] == []
