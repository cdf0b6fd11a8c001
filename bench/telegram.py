"""How much the bot answers at once, how long people wait, how fast it starts, over the sandbox's Bot API.

Replies take 50 ms, as Telegram's do. The application and a bare PTB bot (bench/bare.py) have a sandbox each and work
in turn. A wait ends when the answer leaves the bot.
"""

import asyncio
import itertools
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from processes import computed_vectors, with_vectors

from bench.crowd import QUIET_SECONDS, Bare, Crowd, Known, Ours, known_questions, save_answers
from bench.tables import middle, ms, p95, show
from bot.settings import load_settings

CHATS, EACH, ROUNDS = 200, 5, 3
STEADY_MESSAGES, STEADY_PER_SECOND = 120, 15
HANGING = 40
BUSY = 300
STARTS = 3
MEMORY_QUESTIONS = 100


async def main() -> None:
    cache = computed_vectors(load_settings().data.resolve() / "bench" / "exemple")
    known = known_questions(cache)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        answers = save_answers(known, folder / "answers.json")
        async with Crowd(folder / "a", known) as crowd, Crowd(folder / "b", known) as other:
            data = with_vectors(folder / "data", cache)
            bot, bare_bot = Ours(data, **crowd.telegram.settings()), Bare(folder / "bare", other.telegram.url, answers)
            with bot as ours, bare_bot as bare:
                await crowd.invite(CHATS)
                await other.invite(CHATS)
                await throughput((crowd, ours), (other, bare))
                await hanging(crowd)
                await busy(crowd)
                print(f"\nMemory of the application at the end (VmRSS): {memory(ours.pid)} MiB")


async def starts() -> None:
    """From the start of the process to its first answer, and memory after some questions."""
    known = known_questions(computed_vectors(load_settings().data.resolve() / "bench" / "exemple"))
    with tempfile.TemporaryDirectory() as name:
        await _starts(Path(name), known, save_answers(known, Path(name) / "answers.json"))


async def _starts(folder: Path, known: Sequence[Known], answers: Path) -> None:
    async with Crowd(folder / "telegram", known) as crowd:
        await crowd.invite(2)
        ours = Ours(folder / "first", **crowd.telegram.settings())
        first = await first_answer(crowd, ours)
        later = [await first_answer(crowd, ours) for _ in range(STARTS)]
        with ours:
            asked = await crowd.write([(crowd.people[0], known[n % len(known)]) for n in range(MEMORY_QUESTIONS)])
            await crowd.answers(asked, crowd.people)
            used = memory(ours.pid)
        bare = Bare(folder / "bare", crowd.telegram.url, answers)
        compared = [await first_answer(crowd, bare) for _ in range(STARTS)]
    rows = [
        ("application, nothing kept (vectors and indexes to compute)", f"{first:.2f}"),
        (f"application, later starts ({STARTS})", middle(later)),
        (f"bare bot with the model loaded ({STARTS})", middle(compared)),
        ("ratio of later starts to the bare bot", f"{median(later) / median(compared):.2f}"),
        (f"application's memory after {MEMORY_QUESTIONS} questions (VmRSS, MiB)", str(used)),
    ]
    show("From the start of the process to the first answer, seconds", ("start", "seconds"), rows)


async def first_answer(crowd: Crowd, process: Ours | Bare) -> float:
    """Start a process while a message waits; how long until it is answered."""
    asked = await crowd.write([(crowd.people[1], crowd.turn(1, 0))])
    begun = time.time()
    process.start(wait=False)
    given = await crowd.answers(asked, crowd.people)
    ended = max(at for found in given.answers.values() for _, at in found)
    await asyncio.sleep(0.5)
    process.interrupt()
    return ended - begun


def memory(pid: int) -> int:
    """Resident memory of a process, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


async def throughput(*places: tuple[Crowd, Ours | Bare]) -> None:
    """Everybody writes at once; the application and the bare bot in turn."""
    names = ("application", "bare PTB bot, 32 at once")
    rates: list[list[float]] = [[] for _ in places]
    costs: list[list[float]] = [[] for _ in places]
    mixed = [0 for _ in places]
    for number in range(ROUNDS + 1):
        for place, (crowd, process) in enumerate(places):
            messages = mingled(crowd)
            before = processor_seconds(process.pid)
            given = await crowd.answers(await crowd.write(messages), crowd.people)
            if number:
                rates[place].append(len(messages) / given.seconds)
                costs[place].append(1000 * (processor_seconds(process.pid) - before) / len(messages))
                mixed[place] += given.out_of_order
    rows = [
        (name, middle(rate), middle(cost), f"{wrong} of {ROUNDS * CHATS * EACH}")
        for name, rate, cost, wrong in zip(names, rates, costs, mixed, strict=True)
    ]
    faster, cheaper = (middle([a / b for a, b in zip(*both, strict=True)]) for both in (rates, costs))
    rows.append(("ratio (updates/s: target at least 0.6)", faster, cheaper, ""))
    title = f"{CHATS} chats write {EACH} questions each at once, {ROUNDS} rounds in turn: median (span)"
    show(title, ("bot", "updates/s", "processor ms an update", "answers out of order in their chat"), rows)


def mingled(crowd: Crowd) -> list[tuple[int, Known]]:
    """Everybody's questions; those of one chat may follow each other at once."""
    chats = crowd.people * EACH
    random.Random(4).shuffle(chats)
    turns = {chat: itertools.count() for chat in crowd.people}
    return [(chat, crowd.turn(chat, next(turns[chat]))) for chat in chats]


def processor_seconds(pid: int) -> float:
    """Processor time a process has used: what other work on the machine changes least."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def hanging(crowd: Crowd) -> None:
    """What others wait while the sends of some chats hang."""
    rows = []
    calm: list[float] = []
    for count in (0, 1, HANGING):
        await crowd.forget()
        stuck, others = crowd.people[:count], crowd.people[HANGING:]
        for chat in stuck:
            await crowd.sandbox.fault("sendMessage", "never", times=-1, chat_id=chat)
        await crowd.write([(chat, crowd.turn(chat, n)) for n in range(EACH) for chat in stuck])
        await asyncio.sleep(0.5 if stuck else 0)
        waited = await steady(crowd, others)
        calm = calm or waited
        ratio = f"{median(waited) / median(calm):.2f}", f"{p95(waited) / p95(calm):.2f}"
        rows.append((str(count), str(len(waited)), ms(median(waited)), ms(p95(waited)), *ratio))
        await crowd.sandbox.clear_faults()
        await asyncio.sleep(QUIET_SECONDS)
        await crowd.quiet()
    headers = ("chats that hang", "answered", "median", "p95", "median ÷ none", "p95 ÷ none")
    show(f"What others wait, {STEADY_PER_SECOND} messages/s, while sends to some chats hang", headers, rows)


async def steady(crowd: Crowd, chats: Sequence[int]) -> list[float]:
    """Different people write one after the other, at an even pace; what each waits."""
    asked = []
    begun = time.monotonic()
    for number, chat in enumerate(random.Random(3).sample(list(chats), min(STEADY_MESSAGES, len(chats)))):
        await asyncio.sleep(max(0.0, begun + number / STEADY_PER_SECOND - time.monotonic()))
        asked += await crowd.write([(chat, crowd.turn(chat, number))])
    return (await crowd.answers(asked, chats, patience=30)).latencies(chats)


async def busy(crowd: Crowd) -> None:
    """What another person waits while one chat has sent very many messages."""
    rows = []
    for count in (0, BUSY):
        await crowd.forget()
        # Nobody whose answers were late a moment ago.
        chat, *others = crowd.people[HANGING : HANGING + 9]
        asked = await crowd.write([(chat, crowd.turn(chat, n)) for n in range(count)])
        for number, one in enumerate(others):
            await asyncio.sleep(0.5)
            asked += await crowd.write([(one, crowd.turn(one, number))])
        given = await crowd.answers(asked, [chat, *others])
        waited = given.latencies(others)
        rows.append((str(count), ms(median(waited)), ms(max(waited)), str(given.out_of_order)))
    headers = ("messages of the busy chat", "others wait: median", "longest", "answers out of order")
    show("One busy chat, eight others with one message each", headers, rows)
