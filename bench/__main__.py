"""`python -m bench [questions|starts|telegram|stop]… [FILE.csv…]`."""

import argparse
import asyncio
import os
import platform
from pathlib import Path

PARTS = ("questions", "starts", "telegram", "stop")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", help="parts to run (all without any), and files of questions never seen")
    given = parser.parse_args().what
    parts = [name for name in given if name in PARTS] or list(PARTS)
    files = [Path(name) for name in given if name not in PARTS]
    files += [Path(name) for name in os.environ.get("PASSERELLE_EXAM", "").split(os.pathsep) if name]
    for path in files:
        if not path.is_file():
            parser.error(f"no such part or file: {path}")
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}. A shared machine is noisy:"
    )
    print("trust the ratios, measured alternately in one run, more than any figure alone.")
    if "questions" in parts:
        from bench import questions

        questions.main(files)
    if "starts" in parts:
        from bench import telegram

        asyncio.run(telegram.starts())
    if "telegram" in parts:
        from bench import telegram

        asyncio.run(telegram.main())
    if "stop" in parts:
        from bench import stop

        asyncio.run(stop.main())


if __name__ == "__main__":
    main()
