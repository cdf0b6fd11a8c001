"""Real processes for the tests: the application and the sandbox, started, stopped and killed as an operator would."""

import asyncio
import fcntl
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

START_SECONDS = 180
"""Loading the fiches takes long on a busy machine; a process that dies is noticed at once."""
STOP_SECONDS = 30
SANDBOX_TOKEN = "4242:sandbox"


def environment(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a process that knows only these settings, whatever this machine has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    given = {f"PASSERELLE_{name.upper()}": value for name, value in settings.items()}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "PASSERELLE_DATA": str(data), **given}


def passerelle(
    data: Path, *arguments: str, stdin: bytes | None = None, **settings: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of `passerelle` to its end; the working folder has no `.env`."""
    data.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=data,
        env=environment(data, **settings),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=START_SECONDS,
        check=False,
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def computed_vectors(shared: Path) -> Path:
    """The folder of what loading computes (vectors, indexes), made once for all workers and kept between runs."""
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / f"done-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
        if not done.exists():
            ran = passerelle(shared, "ask", "--jsonl", "copil")
            assert ran.returncode == 0, ran.stderr.decode()
            for old in shared.glob("done-*"):
                old.unlink()
            done.touch()
    return shared


def with_vectors(data: Path, shared: Path) -> Path:
    """A data folder that finds them already computed. Links: who saves puts a new file in its place."""
    data.mkdir(parents=True, exist_ok=True)
    for path in shared.glob("*.npz"):
        (data / path.name).symlink_to(path.resolve())
    return data


class Process:
    """A process whose first line tells its address; everything it says goes to files, so that it never blocks."""

    def __init__(self, arguments: list[str], folder: Path, env: dict[str, str]) -> None:
        self.arguments = arguments
        self.folder = folder
        self.env = env
        self.url = ""
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self, wait: bool = True) -> Self:
        """Start it, or start it again; wait until it serves."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        with self._file("out").open("wb") as out, self._file("err").open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        return self.ready() if wait else self

    def ready(self) -> Self:
        """Wait until its address is printed; fail with what it said when it dies."""
        until = time.monotonic() + START_SECONDS
        while not (found := re.search(r"http://[\w.:\[\]-]+", self.said)):
            assert self.alive, f"{self.arguments} died ({self.code}):\n{self.said}\n{self.complaints}"
            assert time.monotonic() < until, f"{self.arguments} does not start:\n{self.complaints}"
            time.sleep(0.05)
        self.url = found[0]
        return self

    @property
    def said(self) -> str:
        """Its standard output since the last start."""
        return self._file("out").read_text(errors="replace")

    @property
    def complaints(self) -> str:
        """Its standard error since the last start."""
        return self._file("err").read_text(errors="replace")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll() if self._process else None

    def kill(self) -> None:
        """`kill -9`."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def interrupt(self) -> int:
        """Ctrl-C; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self.wait(STOP_SECONDS)

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Wait for it to end by itself; its exit status."""
        assert self._process is not None
        return self._process.wait(seconds)

    def _file(self, name: str) -> Path:
        return self.folder / f"{self.starts}.{name}"


class Application(Process):
    """The application, on its own data folder."""

    def __init__(self, data: Path, **settings: str) -> None:
        settings.setdefault("http", "127.0.0.1:0")
        super().__init__(["bot", "run"], data, environment(data, **settings))
        self.data = data

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.data / "passerelle.db"

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """What a query finds in its database."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]
        finally:
            connection.close()

    async def remembers(self, *words: str) -> bool:
        """Whether any byte of its database or write-ahead log still holds one of the words, given time to forget."""
        for _ in range(50):
            kept = b"".join(path.read_bytes() for path in self.data.glob("passerelle.db*"))
            if not any(word.encode() in kept for word in words):
                return False
            await asyncio.sleep(0.1)
        return True


class LocalTelegram(Process):
    """The sandbox alone, for an application that takes it for Telegram."""

    def __init__(self, folder: Path) -> None:
        super().__init__(["bot.sandbox", "--port", "0"], folder, environment(folder))

    def settings(self, webhook: bool = False) -> dict[str, str]:
        """What an application needs to reach it, by polling or by webhook."""
        given = {"token": SANDBOX_TOKEN, "api_url": self.url, "territory": str(EXAMPLE)}
        if not webhook:
            return given
        port = free_port()
        return {**given, "http": f"127.0.0.1:{port}", "webhook_url": f"http://127.0.0.1:{port}/telegram"}


EXAMPLE = Path(__file__).parents[1] / "knowledge" / "exemple"
