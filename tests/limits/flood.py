"""A client that posts unsigned events at a fixed rate, as a process of its own.

    python -m tests.limits.flood PORT PATH RATE SECONDS

It prints how often each status was answered, as JSON.
"""

import json
import socket
import sys
import threading
import time
from collections import Counter

THREADS = 4
_BODY = json.dumps({"EventName": "test-created", "ResourceUri": None, "AuditUri": None}).encode()


def post(port: int, path: str, *, every: float, until: float, seen: Counter[int]) -> None:
    """Post on one line after the other until a moment, each request at its time."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(_BODY)}\r\nConnection: close\r\n\r\n"
    ).encode() + _BODY
    due = time.monotonic()
    while due < until:
        time.sleep(max(0.0, due - time.monotonic()))
        due += every
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
                line.sendall(request)
                seen[int(line.makefile("rb").readline().split()[1])] += 1
        except (OSError, IndexError):
            seen[0] += 1


def main() -> None:
    """Flood, and print what was answered."""
    port, path, rate, seconds = (
        int(sys.argv[1]),
        sys.argv[2],
        float(sys.argv[3]),
        float(sys.argv[4]),
    )
    until, seen = time.monotonic() + seconds, Counter[int]()
    threads = [
        threading.Thread(
            target=post,
            args=(port, path),
            kwargs={"every": THREADS / rate, "until": until, "seen": seen},
        )
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
