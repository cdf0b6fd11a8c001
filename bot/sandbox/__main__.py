"""`python -m bot.sandbox`: the sandbox alone, for tests and benchmarks of whole processes."""

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from bot.sandbox.server import Sandbox


async def serve(host: str, port: int, state: Path | None) -> None:
    """Run until the process is asked to stop."""
    sandbox = Sandbox(state)
    url = await sandbox.start(host, port)
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()
    await sandbox.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="Le bac à sable : un Telegram local.")
    parser.add_argument("--host", default="127.0.0.1", help="adresse d'écoute")
    parser.add_argument("--port", type=int, default=8081, help="port ; 0 pour n'importe lequel")
    parser.add_argument("--state", type=Path, help="fichier où tout est gardé")
    given = parser.parse_args()
    asyncio.run(serve(given.host, given.port, given.state))


if __name__ == "__main__":
    main()
