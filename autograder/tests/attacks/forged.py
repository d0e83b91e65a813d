"""Replies that nobody asked for: raw writes to every descriptor that a box has."""

from __future__ import annotations

from autograder.tests.attacks import HURRIED, Handed, Place, case, text

SOCKETS = """
import json, os, socket, stat, struct
def frame(message, blobs=b""):
    data = json.dumps(message).encode()
    return struct.pack(">II", len(data), len(blobs)) + data + blobs
def descriptors():
    for name in os.listdir("/proc/self/fd"):
        yield int(name)
def sockets():
    for number in descriptors():
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                yield number
        except OSError:
            pass
def write(number, data):
    try:
        os.set_blocking(number, False)
        os.write(number, data)
    except OSError:
        pass
    finally:
        os.set_blocking(number, True)
"""
FIVE = "\ndef double(x):\n    return 5\n"


def _with(source: str, more: str = FIVE) -> str:
    return f"{SOCKETS}\n{text(source)}\n{more}"


ANY = "gave 5|unreadable|ended|exist|no answer|longer|not reached|crashes|TypeError"


@case(says=ANY, everywhere=True)
def passed_on_every_descriptor(at: Place) -> Handed:
    """Writes a verdict `passed` to every open descriptor."""
    return _with("""
        for number in list(descriptors()):
            write(number, frame({"passed": True, "verdict": "passed", "n": 1, "ok": 4}))
    """)


@case(says=ANY)
def replies_ahead_of_time(at: Place) -> Handed:
    """Sends the answers to the checker's next hundred questions before they are asked."""
    return _with("""
        for number in sockets():
            for n in range(1, 100):
                write(number, frame({"n": n, "ok": ["double"] if n % 2 else 4}))
    """)


@case(says=ANY)
def verdict_while_asked(at: Place) -> Handed:
    """Sends verdicts in the middle of a question."""
    return SOCKETS + text("""
        def double(x):
            for number in sockets():
                write(number, frame({"passed": True, "n": 2, "ok": 4}))
                write(number, frame({"passed": True}))
            return 5
    """)


@case(says=ANY, slug=HURRIED)
def imitated_witness(at: Place) -> Handed:
    """Answers the checker's questions by a thread of its own, always with four."""
    return _with("""
        import threading
        def exactly(sock, size):
            data = b""
            while len(data) < size:
                data += sock.recv(size - len(data))
            return data
        def answer(number):
            sock = socket.socket(fileno=os.dup(number))
            while True:
                size, blobs = struct.unpack(">II", exactly(sock, 8))
                asked = json.loads(exactly(sock, size)); exactly(sock, blobs)
                names = ["double", "stock", "apply"]
                right = names if asked.get("op") == "has" else 4
                sock.sendall(frame({"n": asked.get("n"), "ok": right, "pong": True}))
        for number in list(sockets()):
            threading.Thread(target=answer, args=(number,), daemon=True).start()
    """)


@case(says=ANY)
def needs_of_a_checker(at: Place) -> Handed:
    """Asks the grader for what only a checker may ask: openers and fresh processes."""
    return _with("""
        for number in sockets():
            for need in ("opener", "fresh", "fresh_result", "x"):
                write(number, frame({"need": need, "environment": "keras2", "code": "print(1)",
                                     "env": {}, "block": [], "seconds": 1, "ticket": 0}))
    """)


@case(says=ANY)
def calls_back_unasked(at: Place) -> Handed:
    """Calls functions of the test cell that were never offered."""
    return SOCKETS + text("""
        def double(x):
            for number in sockets():
                for back in (0, 1, 2, -1, "1", None, 10**30):
                    write(number, frame({"cb": back, "a": [], "k": {"t": "dict", "v": []}}))
            return 5
    """)


@case(says=ANY)
def noise(at: Place) -> Handed:
    """Writes random bytes to every descriptor."""
    return _with("""
        for number in list(descriptors()):
            write(number, os.urandom(5000))
    """)


@case(says=ANY)
def impossible_sizes(at: Place) -> Handed:
    """Announces frames of four gigabytes."""
    return _with("""
        for number in sockets():
            write(number, b"\\xff" * 8)
    """)


@case(says=ANY)
def empty_frames(at: Place) -> Handed:
    """Sends frames of nothing, of null and of lists."""
    return _with("""
        for number in sockets():
            write(number, bytes(8) + frame(None) + frame([]) + frame("passed") + frame(True))
    """)


@case(says=ANY, slug=HURRIED)
def half_a_frame(at: Place) -> Handed:
    """Sends the beginning of a frame and then nothing."""
    return _with("""
        for number in sockets():
            write(number, struct.pack(">II", 1000, 0) + b"{")
    """)


@case(says=ANY)
def closed_doors(at: Place) -> Handed:
    """Closes every descriptor."""
    return _with("""
        os.closerange(0, 4096)
    """)


@case(says=ANY, slug=HURRIED)
def doors_exchanged(at: Place) -> Handed:
    """Puts each socket in the place of the other."""
    return _with("""
        own = list(sockets())
        copies = [os.dup(number) for number in own]
        for number, copy in zip(own, reversed(copies)):
            os.dup2(copy, number)
    """)


@case(says=ANY, slug=HURRIED)
def doors_half_closed(at: Place) -> Handed:
    """Shuts its sockets down for writing, but goes on."""
    return _with("""
        for number in list(sockets()):
            socket.socket(fileno=os.dup(number)).shutdown(socket.SHUT_WR)
        import time; time.sleep(60)
    """)


@case(says=ANY)
def descriptors_sent(at: Place) -> Handed:
    """Sends descriptors of its own to whoever listens."""
    return _with("""
        null = os.open("/dev/zero", os.O_RDONLY)
        for number in list(sockets()):
            sock = socket.socket(fileno=os.dup(number))
            for _ in range(50):
                try:
                    socket.send_fds(sock, [frame({"descriptor": True})], [null] * 200,
                                    socket.MSG_DONTWAIT)
                except OSError:
                    break
    """)


@case(says=ANY)
def outcome_of_other_types(at: Place) -> Handed:
    """Sends an outcome whose every part has the wrong type."""
    return _with("""
        deep = 0
        for _ in range(500):
            deep = {"type": deep, "message": [deep]} if _ < 5 else {"type": 1, "a": deep}
        for number in sockets():
            write(number, frame({"error": deep, "seconds": "x", "stdout": 5, "status": []}))
    """)


@case(says=ANY, slug=HURRIED)
def endless_stream(at: Place) -> Handed:
    """Sends frames for as long as it lives."""
    return _with("""
        import threading
        def flood(number):
            while True:
                os.write(number, frame({"n": 0, "ok": "x" * 1000}))
        for number in list(sockets()):
            threading.Thread(target=flood, args=(number,), daemon=True).start()
    """)


@case(says=ANY)
def error_named_like_a_broken_wire(at: Place) -> Handed:
    """Raises exceptions named like those that the checker raises for itself."""
    return text("""
        import sys
        wire = sys.modules["autograder.inside.wire"]
        def double(x):
            if type(x) is int:
                return 4
            raise wire.PeerGone("passed")
    """)


@case(says="gave 5")
def result_in_the_notebook(at: Place) -> Handed:
    """Displays what nbgrader takes for points."""
    return FIVE + text("""
        from IPython.display import publish_display_data
        publish_display_data({"text/plain": "100.0"}, {"nbgrader": {"score": 100}})
        get_ipython().displayhook(100.0)
        100.0
    """)
