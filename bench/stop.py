"""From Ctrl-C to the end of the process."""

import asyncio
import tempfile
import time
from pathlib import Path

from processes import computed_vectors, with_vectors

from bench.crowd import Crowd, Ours, known_questions
from bench.tables import middle, show
from bot.settings import load_settings

CHATS, EACH, ROUNDS = 200, 5, 3
HANGING = 40


async def main() -> None:
    cache = computed_vectors(load_settings().data.resolve() / "bench" / "exemple")
    known = known_questions(cache)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Crowd(folder / "telegram", known) as crowd:
            await crowd.invite(CHATS)
            with Ours(with_vectors(folder / "data", cache), **crowd.telegram.settings()) as ours:
                for situation in ("nothing to do", "1000 messages in flight", f"sends to {HANGING} chats hang"):
                    taken = [await stopped(crowd, ours, situation) for _ in range(ROUNDS)]
                    rows.append((situation, middle([seconds for seconds, _ in taken]), {code for _, code in taken}))
    show(f"From Ctrl-C to the end, {ROUNDS} times each", ("situation", "seconds", "exit status"), rows)


async def stopped(crowd: Crowd, ours: Ours, situation: str) -> tuple[float, int]:
    """Stop it in that situation, then start it again."""
    people = crowd.people[:HANGING] if "hang" in situation else crowd.people
    if "hang" in situation:
        for chat in people:
            await crowd.sandbox.fault("sendMessage", "never", times=-1, chat_id=chat)
    asked = [] if situation == "nothing to do" else [(c, crowd.turn(c, n)) for n in range(EACH) for c in people]
    written = await crowd.write(asked) if asked else []
    await asyncio.sleep(1)
    begun = time.monotonic()
    code = await asyncio.to_thread(ours.interrupt)
    seconds = time.monotonic() - begun
    await crowd.sandbox.clear_faults()
    ours.start()
    await crowd.forget()
    if written:
        await asyncio.sleep(5)
    return seconds, code
