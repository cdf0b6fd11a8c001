"""What people see: fiches, lists, cards and their buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.texts import Html, plain, say
from bot.understanding import Page, Understanding
from handlers import callbacks as cb
from handlers.markup import messages, render
from knowledge.dates import of_date, spoken
from knowledge.entries import Contact, Fiche, Source
from knowledge.official import OfficialFiche
from knowledge.territory import Category, Emergency, Place

Rows = list[list[InlineKeyboardButton]]
LABEL_LIMIT = 60
"""Characters of a button's label: longer ones are cut by old telephones."""
HALF_LIMIT = 22
"""Characters of a label that stands beside another one: half the width of a small screen."""

_SECTION_BUTTONS = {
    "En savoir plus": "button-more",
    "À préparer": "button-prepare",
    "Où aller": "button-where",
    "Qui appeler": "button-call",
}


def button(label: str, verb: str, *arguments: object) -> InlineKeyboardButton:
    """A button that carries data; labels too long for a telephone are shortened."""
    return InlineKeyboardButton(shortened(label), callback_data=cb.data(verb, *arguments))


def shortened(label: str, limit: int = LABEL_LIMIT) -> str:
    """The label, cut at a word with « … » when it is too long."""
    if len(label) <= limit:
        return label
    return label[: limit - 1].rsplit(" ", 1)[0] + "…"


def keyboard(rows: Sequence[Sequence[InlineKeyboardButton]]) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram takes them; None when there are none."""
    kept = [list(row) for row in rows if row]
    return InlineKeyboardMarkup(kept) if kept else None


def paired(buttons: Iterable[InlineKeyboardButton]) -> Rows:
    """Two a row where both labels can be read whole, one a row elsewhere."""
    rows: Rows = []
    for one in buttons:
        beside = rows[-1] if rows else []
        if len(beside) == 1 and all(len(each.text) <= HALF_LIMIT for each in (*beside, one)):
            beside.append(one)
        else:
            rows.append([one])
    return rows


def menu_button() -> list[InlineKeyboardButton]:
    """The way back that stands last everywhere."""
    return [button(plain("button-menu"), cb.MENU)]


def menu_rows() -> Rows:
    """The five large choices."""
    return [
        [button(plain("menu-question"), cb.ASK)],
        [button(plain("menu-rights"), cb.SHELVES, "droits")],
        [button(plain("menu-problem"), cb.PROBLEMS)],
        [button(plain("menu-contract"), cb.MENU_CONTRACT)],
        [button(plain("menu-help-now"), cb.MENU_HELP_NOW)],
    ]


def fiche_messages(fiche: Fiche, head: str = "") -> list[str]:
    """The fiche as one message (or more when an editor wrote too much): title, answer, numbers, source and date."""
    parts = [head, f"<b>{_escaped(fiche.title)}</b>"]
    if fiche.to_check:
        parts.append(say("to-check"))
    parts += [render(fiche.answer), contact_lines(fiche.contacts), source_lines(fiche)]
    return messages(parts)


def section_messages(fiche: Fiche, number: int) -> list[str]:
    """One of the parts shown on demand."""
    section = fiche.sections[number]
    head = say("more-about", title=fiche.title, section=section.title)
    return messages([head, render(section.body), contact_lines(fiche.contacts), source_lines(fiche)])


def fiche_rows(fiche: Fiche) -> Rows:
    """Its parts on demand, what to read beside, 👍 👎, the way back."""
    parts = [
        button(plain(_SECTION_BUTTONS[section.title]), cb.SECTION_OF_FICHE, fiche.id, number)
        for number, section in enumerate(fiche.sections)
    ]
    rows = [parts[i : i + 2] for i in range(0, len(parts), 2)]
    if fiche.related:
        rows.append([button(plain("button-related"), cb.RELATED, fiche.id)])
    rows.append(
        [
            button(plain("button-useful"), cb.USEFUL, fiche.id),
            button(plain("button-useless"), cb.USELESS, fiche.id),
        ]
    )
    return [*rows, menu_button()]


def fiche_choices(fiches: Iterable[Fiche]) -> Rows:
    """One button a fiche."""
    return [[button(fiche.title, cb.FICHE, fiche.id)] for fiche in fiches]


def contact_lines(contacts: Iterable[Contact]) -> Html:
    """Whom to call, a line each."""
    lines = []
    for contact in contacts:
        line = say("call-line", phone=contact.phone, name=contact.name, when=_when(contact))
        lines.append(f"{line} {say('call-to-check')}" if contact.to_check else line)
    return Html("\n".join(lines))


def source_lines(fiche: Fiche) -> Html:
    """Where the answer comes from, with links, and its date."""
    works: dict[tuple[str, str], list[Source]] = {}
    for source in fiche.sources:
        works.setdefault((_IN_A_WORK.split(source.name)[0], source.date), []).append(source)
    names = " ; ".join(_source(alike[0]) if len(alike) == 1 else _parts(alike) for alike in works.values())
    return Html(f"{say('source-line', source=Html(names))}\n{say('checked-line', of_date=of_date(fiche.verified))}")


_IN_A_WORK = re.compile(r", (?=fiche )|(?<=, \d{4}\)), ")
"""Between a work and its part: « service-public.fr, fiche F1 », « Protocole (Metz, 2019), annexe 3 »."""


def _parts(alike: Sequence[Source]) -> str:
    """Parts of one work, of one date: the work and the date said once."""
    work = _IN_A_WORK.split(alike[0].name)[0]
    whole = next((_linked(source, work) for source in alike if source.name == work), _escaped(work))
    parts = [_linked(source, source.name.removeprefix(f"{work}, ")) for source in alike if source.name != work]
    return (f"{whole} : {' ; '.join(parts)}" if parts else whole) + _date_of(alike[0])


def _source(source: Source) -> str:
    """Its name, linked when it has a page, and its date unless the name says the year."""
    return _linked(source, source.name) + _date_of(source)


def _linked(source: Source, name: str) -> str:
    return f'<a href="{_escaped(source.url)}">{_escaped(name)}</a>' if source.url else _escaped(name)


def _date_of(source: Source) -> str:
    return "" if source.date[:4] in source.name else f" ({spoken(source.date)})"


def shelves(understanding: Understanding, section_id: str) -> tuple[Html, Rows] | None:
    """The themes of a room of the library."""
    section = understanding.section(section_id)
    if section is None:
        return None
    themes = [t for t in section.themes if understanding.territory.library.of_theme(section.id, t.id)]
    rows = [[button(f"{theme.icon} {theme.title}", cb.SHELF, section.id, theme.id, 0)] for theme in themes]
    return say("section-title", title=section.title), [*rows, menu_button()]


def shelf(page: Page) -> tuple[Html, Rows]:
    """One page of fiches."""
    title = f"{page.theme.icon} {page.theme.title}"
    text = say("theme-title", title=title, page=page.number + 1, pages=page.count)
    turns = []
    if page.number > 0:
        turns.append(button(plain("button-previous"), cb.SHELF, page.section.id, page.theme.id, page.number - 1))
    if page.number + 1 < page.count:
        turns.append(button(plain("button-next"), cb.SHELF, page.section.id, page.theme.id, page.number + 1))
    back = [button(plain("button-back"), cb.SHELVES, page.section.id), *menu_button()]
    return text, [*fiche_choices(page.fiches), turns, back]


def emergency_card(understanding: Understanding, emergency: Emergency) -> Html:
    """The card of a danger: whom to call first, then what to do."""
    contacts = understanding.territory.contacts_of(emergency)
    if emergency.discreet:  # no capitals on a screen somebody may read, and the 114 is not called: it takes messages
        calls = [say("emergency-call", phone=c.phone, name=c.name, when=_when(c)) for c in contacts]
        parts = [render(emergency.answer), Html("\n".join(calls)), say("emergency-note-discreet")]
        return Html("\n\n".join(parts))
    calls = [
        say("emergency-first" if i == 0 else "emergency-call", phone=c.phone, name=c.name, when=_when(c))
        for i, c in enumerate(contacts)
    ]
    parts = [say("emergency-head", icon=emergency.icon, title=emergency.title)]
    if emergency.before:
        parts.append(Html(f"<b>{_escaped(emergency.before)}</b>"))
    parts += [Html("\n".join(calls)), render(emergency.answer), say("emergency-note")]
    return Html("\n\n".join(parts))


def emergency_rows(emergency: Emergency) -> Rows:
    """What one can press below a card."""
    if emergency.discreet:
        return [[button(plain("button-erase"), cb.ERASE)]]
    return [[button(plain("button-not-urgent"), cb.NOT_URGENT)], [button(plain("button-urgent"), cb.EMERGENCIES)]]


def emergency_list(understanding: Understanding) -> Rows:
    """Every kind of danger."""
    buttons = [button(f"{e.icon} {e.title}", cb.EMERGENCY, e.id) for e in understanding.territory.emergencies.values()]
    return [*paired(buttons), [button(plain("button-human"), cb.HUMAN)], menu_button()]


def human_text(places: Sequence[Place]) -> Html:
    """Where somebody can be met."""
    if not places:
        return say("human-no-place")
    lines = [say("place", name=p.name, what=p.what, source=p.source, date=spoken(p.verified)) for p in places]
    return say("human", places=Html("\n".join(lines)))


def category_rows(categories: Iterable[Category]) -> Rows:
    """Kinds of problems."""
    return [*paired([button(category.label, cb.CATEGORY, category.id) for category in categories]), menu_button()]


def doleance_text(category: Category) -> Html:
    """What to do about a housing problem of this kind."""
    if category.responsible == "bailleur":
        return say("doleance", label=category.label)
    return say("doleance-public", label=category.label, who=category.responsible)


def doleance_rows(understanding: Understanding, category: Category, ids: Sequence[str]) -> Rows:
    """Fiches on one's rights, who the bailleur is, and somebody to talk to."""
    wanted = tuple(dict.fromkeys([*category.fiches, *(i for i in ids if i.startswith("droits/logement"))]))[:3]
    danger = [button(plain("button-urgent"), cb.EMERGENCIES)] if category.urgent else []
    who = [button(plain("button-who-is-bailleur"), cb.FICHE, "vie-du-bot/je-ne-connais-pas-mon-bailleur")]
    landlord = who if category.responsible == "bailleur" else []
    human = [button(plain("button-human"), cb.HUMAN)]
    return [danger, *fiche_choices(understanding.fiches(wanted)), landlord, human, menu_button()]


def official_texts(fiches: Sequence[OfficialFiche], today: date) -> list[Html]:
    """What the State's own fiches say of themselves, with their date, and a warning when they are old."""
    texts = [say("unknown-official")] if fiches else []
    for fiche in fiches:
        lines = [say("official-item", title=fiche.title), _escaped(fiche.summary)]
        lines.append(say("official-date", id=fiche.id, date=spoken(fiche.date)) if fiche.date else "")
        lines.append(say("official-old") if fiche.is_old(today) else "")
        texts.append(Html("\n".join(filter(None, lines))))
    return texts


def official_links(fiches: Sequence[OfficialFiche]) -> Rows:
    """A link to each, on service-public.fr."""
    return [[InlineKeyboardButton(shortened(f"🏛️ {fiche.title}"), url=fiche.url)] for fiche in fiches]


def _when(contact: Contact) -> str:
    return f", {contact.when}" if contact.when else ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
