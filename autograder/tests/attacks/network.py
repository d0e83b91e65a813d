"""Ways out by sockets, and to listeners on the same machine."""

from __future__ import annotations

from autograder.tests.attacks import Handed, Place, case, text


def _goes(source: str) -> str:
    """Tries `source` in the answer cell and when asked; tells what failed."""
    body = "\n".join(f"    {line}" for line in text(source).splitlines())
    return f"""
import os, socket
failed = []
def attempt(function, *arguments):
    try:
        function(*arguments)
        failed.append("REACHED " + repr(arguments))
    except Exception as error:
        failed.append(type(error).__name__)
def go():
{body}
go()
def double(x):
    go()
    raise RuntimeError(f"tried {{failed}}"[:1500])
"""


REFUSED = r"^(?!.*REACHED)(.|\n)*tried .*Error"


@case(says=REFUSED, everywhere=True)
def loopback(at: Place) -> Handed:
    """Connects to a listener on the loopback interface."""
    return _goes(f"""
        attempt(socket.create_connection, ("127.0.0.1", {at.port}), 2)
        attempt(socket.create_connection, ("localhost", {at.port}), 2)
        attempt(socket.create_connection, ("0.0.0.0", {at.port}), 2)
    """)


@case(says=REFUSED, everywhere=True)
def abstract_socket(at: Place) -> Handed:
    """Connects to a Unix socket that has no path."""
    return _goes(f"""
        def connect():
            socket.socket(socket.AF_UNIX).connect("\\0" + {at.abstract!r})
        attempt(connect)
    """)


@case(says=REFUSED, everywhere=True)
def socket_with_a_path(at: Place) -> Handed:
    """Connects to a Unix socket that everybody may write to."""
    return _goes(f"""
        def connect(kind):
            socket.socket(socket.AF_UNIX, kind).connect({at.listener!r})
        attempt(connect, socket.SOCK_STREAM)
        attempt(connect, socket.SOCK_DGRAM)
        attempt(connect, socket.SOCK_SEQPACKET)
    """)


@case(says=REFUSED)
def pairs_reconnected(at: Place) -> Handed:
    """Connects and sends by one end of a socket pair, the only socket that it can have."""
    return _goes(f"""
        def again(kind, address):
            one, other = socket.socketpair(socket.AF_UNIX, kind)
            try:
                one.connect(address)
            except OSError:
                one.sendto(b"attack", address)
        for address in ({at.listener!r}, "\\0" + {at.abstract!r}):
            attempt(again, socket.SOCK_STREAM, address)
            attempt(again, socket.SOCK_DGRAM, address)
    """)


@case(says=REFUSED, everywhere=True)
def other_families(at: Place) -> Handed:
    """Opens sockets of every family: VSOCK, netlink, packets, ALG, Bluetooth, 0 to 45."""
    return _goes("""
        for family in range(46):
            for kind in (1, 2, 3, 5):
                attempt(socket.socket, family, kind)
    """)


@case(says=REFUSED)
def other_programs(at: Place) -> Handed:
    """Lets programs of the system connect for it."""
    return _goes(f"""
        import subprocess
        def run(*command):
            subprocess.run(command, check=True, timeout=5, capture_output=True)
        attempt(run, "bash", "-c", "echo > /dev/tcp/127.0.0.1/{at.port}")
        attempt(run, "curl", "-m", "2", "http://127.0.0.1:{at.port}")
        code = "import socket; socket.create_connection(('127.0.0.1', {at.port}))"
        attempt(run, "python3", "-c", code)
    """)


@case(says=REFUSED)
def libraries(at: Place) -> Handed:
    """Uses the standard library's clients and servers, and asks for names."""
    return _goes(f"""
        import urllib.request, http.client, asyncio, smtplib, socketserver
        attempt(urllib.request.urlopen, "http://127.0.0.1:{at.port}", None, 2)
        attempt(http.client.HTTPConnection("127.0.0.1", {at.port}, timeout=2).request, "GET", "/")
        attempt(asyncio.run, asyncio.open_connection("127.0.0.1", {at.port}))
        attempt(smtplib.SMTP, "127.0.0.1", {at.port})
        attempt(socketserver.TCPServer, ("127.0.0.1", 0), None)
        attempt(socket.getaddrinfo, "example.org", 80)
    """)


@case(says=REFUSED)
def raw_calls(at: Place) -> Handed:
    """Makes the system calls itself: socket, the 32-bit interface, and rings."""
    return _goes("""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            if libc.syscall(number, *arguments) < 0:
                raise OSError(ctypes.get_errno())
        attempt(call, 41, 2, 1, 0)
        attempt(call, 0x40000000 | 41, 2, 1, 0)
        attempt(call, 425, 8, ctypes.create_string_buffer(256))
        attempt(call, 438, 3, 3, 0)
    """)
