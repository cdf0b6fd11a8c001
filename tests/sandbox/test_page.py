"""The page of the sandbox, used in headless Chromium as a newcomer would."""

import asyncio
import contextlib
import json
import os
import shutil
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.sandbox import Sandbox

Json = dict[str, Any]
NAME = "passerelle_bac_a_sable_bot"
GROUP = -1001000000001
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
FIELDS = {"textbox", "combobox", "spinbutton", "listbox", "option"}
NAMED_ROLES = FIELDS | {"button", "link", "tab", "menuitem", "log", "dialog", "region"}
# One Chromium for the whole file: starting it takes longer than any test.
pytestmark = pytest.mark.asyncio(loop_scope="module")


class ScriptedBot:
    """A bot of a few lines, over plain HTTP: it proves that the page needs nothing from ours."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=f"{url}/bot4242:sandbox/", timeout=30)
        self.seen: list[Json] = []
        self.task = asyncio.create_task(self.run())

    async def call(self, method: str, **params: Any) -> Json:
        answer: Json = (await self.http.post(method, json=params)).json()
        return answer

    async def run(self) -> None:
        await self.call("setMyCommands", commands=[{"command": "aide", "description": "Ce que je sais faire"}])
        offset = 0
        while True:
            try:
                updates = (await self.call("getUpdates", offset=offset, timeout=20)).get("result", [])
            except (httpx.HTTPError, ValueError):
                await asyncio.sleep(0.05)
                continue
            for update in updates:
                offset = update["update_id"] + 1
                self.seen.append(update)
                await self.handle(update)

    async def handle(self, update: Json) -> None:
        if "message" in update:
            await self.answer(update["message"])
        elif "callback_query" in update:
            await self.pressed(update["callback_query"])
        elif "inline_query" in update:
            await self.found(update["inline_query"])

    async def answer(self, message: Json) -> None:
        chat_id, text = message["chat"]["id"], message.get("text", "")
        if text.startswith("/start"):
            rows = [[key("Comprendre un mot", "mot")], [key("Merci", "merci"), key("Attention", "alerte")]]
            words = "<b>Bonjour</b> ! Tapez /aide ou lisez <a href='https://exemple.org/fiche'>la fiche</a>."
            markup = {"inline_keyboard": rows}
            await self.call("sendMessage", chat_id=chat_id, text=words, parse_mode="HTML", reply_markup=markup)
        elif "photo" in message:
            await self.call("sendMessage", chat_id=chat_id, text=f"Photo reçue : {message.get('caption', 'sans mot')}")
        elif text:
            await self.call("sendMessage", chat_id=chat_id, text=f"Vous avez écrit : {text}")

    async def pressed(self, query: Json) -> None:
        where = {"chat_id": query["message"]["chat"]["id"], "message_id": query["message"]["message_id"]}
        words = {"merci": "Merci à vous !", "alerte": "Lisez bien ceci."}.get(query["data"], "")
        await self.call(
            "answerCallbackQuery", callback_query_id=query["id"], text=words, show_alert=query["data"] == "alerte"
        )
        if query["data"] == "mot":
            markup = {"inline_keyboard": [[key("Retour", "retour")]]}
            await self.call("editMessageText", **where, text="Quel mot ?", reply_markup=markup)

    async def found(self, query: Json) -> None:
        word = query["query"]
        results = [
            {"type": "article", "id": str(at), "title": title, "input_message_content": {"message_text": title}}
            for at, title in enumerate((f"{word}, en bref", f"{word}, en long"))
        ]
        await self.call("answerInlineQuery", inline_query_id=query["id"], results=results)

    async def close(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
        await self.http.aclose()


def key(text: str, data: str) -> Json:
    """An inline button."""
    return {"text": text, "callback_data": data}


def picture(path: Path) -> Path:
    """A real PNG of 64 × 48, written without any library."""
    rows = b"".join(b"\0" + bytes((200, 120, 60)) * 64 for _ in range(48))
    header = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def chromium() -> str:
    """Where Chromium is; the tests fail without it, they are never skipped."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert found, "Chromium is missing: apt-get install chromium, or set CHROMIUM"
    return found


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox on a free port, with a state so that it can be restarted."""
    running = Sandbox(tmp_path / "sandbox.json")
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def robot(sandbox: Sandbox) -> AsyncIterator[ScriptedBot]:
    """The scripted bot, listening."""
    running = ScriptedBot(sandbox.url)
    yield running
    await running.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=options)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, sandbox: Sandbox, robot: ScriptedBot) -> AsyncIterator[Page]:
    """The page, open; anything the browser complains of fails the test."""
    complaints: list[str] = []
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
    opened = await context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    await opened.goto(sandbox.url)
    await expect(opened.get_by_role("main")).to_have_attribute("aria-busy", "false")
    yield opened
    await context.close()
    assert complaints == []


async def control(sandbox: Sandbox, path: str, body: Any = None) -> Any:
    """Ask the sandbox directly: a POST with a body, a GET without."""
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/sandbox/") as http:
        answer = await (http.get(path) if body is None else http.post(path, json=body))
        return answer.raise_for_status().json()


def telephone(page: Page, name: str) -> Locator:
    """The telephone of that person or group, by its name."""
    return page.get_by_role("region", name=name)


async def started(page: Page, name: str = "Samira") -> Locator:
    """A telephone where the bot has been started and has answered."""
    phone = telephone(page, name)
    await phone.get_by_role("button", name="Démarrer").click()
    await expect(phone.get_by_role("log")).to_contain_text("Bonjour")
    return phone


async def write(phone: Locator, text: str) -> None:
    """Write and send with Enter."""
    await phone.get_by_role("textbox").fill(text)
    await phone.get_by_role("textbox").press("Enter")


async def tab_to(page: Page, label: str) -> None:
    """Press Tab until the focus stands on that button."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        words = await page.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel")
        if label in str(words) and await page.evaluate("document.activeElement.matches('button')"):
            return
    pytest.fail(f"the keyboard never reaches « {label} »")


async def test_a_newcomer_starts_writes_and_sees_the_answer(page: Page) -> None:
    """A newcomer presses Démarrer, writes, and reads the bot's answer with its formatting."""
    phone = await started(page)
    await expect(phone.locator("strong", has_text="Bonjour")).to_be_visible()
    await expect(phone.get_by_role("link", name="la fiche")).to_have_attribute("rel", "noopener noreferrer")
    await expect(phone.get_by_role("textbox")).to_be_focused()
    await write(phone, "Mon ascenseur est en panne")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : Mon ascenseur est en panne")
    await expect(phone.get_by_role("textbox")).to_have_value("")


async def test_shift_enter_makes_a_line_and_a_command_is_sent_by_a_click(page: Page, robot: ScriptedBot) -> None:
    """Shift+Enter goes to the next line without sending, and a command in a message is sent when clicked."""
    phone = await started(page)
    field = phone.get_by_role("textbox")
    await field.fill("une")
    await field.press("Shift+Enter")
    await field.press_sequentially("deux")
    await field.press("Enter")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : une")
    await phone.get_by_role("button", name="/aide", exact=True).click()
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : /aide")
    assert [update["message"]["text"] for update in robot.seen] == ["/start", "une\ndeux", "/aide"]


async def test_everything_by_keyboard(page: Page) -> None:
    """With the keyboard only: start the bot, press an inline button, see the edit, and keep the focus in place."""
    await tab_to(page, "Démarrer")
    await page.keyboard.press("Enter")
    phone = telephone(page, "Samira")
    await expect(phone.get_by_role("button", name="Comprendre un mot")).to_be_visible()
    await page.evaluate("document.activeElement.blur()")
    await tab_to(page, "Comprendre un mot")
    await page.keyboard.press("Enter")
    await expect(phone.get_by_role("log")).to_contain_text("Quel mot ?")
    await expect(phone.get_by_role("button", name="Retour")).to_be_focused()
    await expect(phone.get_by_role("log")).to_contain_text("modifié")


async def test_toast_and_alert(page: Page) -> None:
    """The bot's short answer to a press is a status, its alert a dialog that must be closed."""
    phone = await started(page)
    await phone.get_by_role("button", name="Merci").click()
    await expect(phone.get_by_role("status").filter(has_text="Merci à vous !")).to_be_visible()
    await phone.get_by_role("button", name="Attention").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("Lisez bien ceci.")
    await page.get_by_role("button", name="D'accord").click()
    await expect(page.get_by_role("alertdialog")).to_have_count(0)
    await expect(phone.locator("[aria-busy=true]")).to_have_count(0)


async def test_a_photo_from_disk(page: Page, tmp_path: Path) -> None:
    """A picture chosen on the disk is sent as a photo with its caption, shown, and reaches the bot."""
    phone = await started(page)
    await phone.get_by_role("button", name="Joindre").click()
    async with page.expect_file_chooser() as chooser:
        await phone.get_by_role("menuitem", name="Photo ou document").click()
    await (await chooser.value).set_files(picture(tmp_path / "hall.png"))
    await expect(phone.get_by_text("hall.png")).to_be_visible()
    await phone.get_by_role("textbox").fill("Le hall")
    await phone.get_by_role("button", name="Envoyer", exact=True).click()
    await expect(phone.get_by_role("log")).to_contain_text("Photo reçue : Le hall")
    photo = phone.get_by_role("log").locator("img.photo")
    await expect(photo).to_have_js_property("naturalWidth", 64)


async def test_a_document_a_voice_note_a_place_and_a_sticker(page: Page, robot: ScriptedBot, tmp_path: Path) -> None:
    """What is not a picture goes as a document; voice notes, places and stickers are one choice away."""
    phone = await started(page)
    note = tmp_path / "bail.txt"
    note.write_text("Un bail", encoding="utf-8")
    await phone.locator("input[type=file]").set_input_files(note)
    await phone.get_by_role("button", name="Envoyer", exact=True).click()
    await expect(phone.get_by_role("link", name="Télécharger bail.txt")).to_be_visible()
    for choice, shown in (("Message vocal", "0:03"), ("Ma position", "49,1193"), ("Autocollant", "🙂")):
        await phone.get_by_role("button", name="Joindre").click()
        await phone.get_by_role("menuitem", name=choice).click()
        await expect(phone.get_by_role("log")).to_contain_text(shown)
    kinds = ("document", "voice", "location", "sticker")
    for kind in kinds:
        await until(lambda kind=kind: any(kind in update.get("message", {}) for update in robot.seen))


async def until(met: Any) -> None:
    """Wait until the bot's side agrees; the test's own time limit is the only one."""
    async with asyncio.timeout(20):
        while not met():
            await asyncio.sleep(0.01)


async def test_inline_results_by_keyboard(page: Page) -> None:
    """`@bot word` lists what the bot proposes above the field; arrows choose, Enter sends the message via the bot."""
    phone = await started(page)
    await phone.get_by_role("textbox").fill(f"@{NAME} qpv")
    await expect(phone.get_by_role("option")).to_have_count(2)
    await phone.get_by_role("textbox").press("ArrowDown")
    await expect(phone.get_by_role("option", name="qpv, en long")).to_have_attribute("aria-selected", "true")
    await phone.get_by_role("textbox").press("Enter")
    await expect(phone.get_by_role("article").filter(has_text="via @")).to_contain_text("qpv, en long")
    await expect(phone.get_by_role("option")).to_have_count(0)


async def test_the_clock_moves_forward_only(page: Page, sandbox: Sandbox) -> None:
    """A button moves the clock by a day, a date in Paris time is reached exactly, the past is refused in French."""
    before = sandbox.clock_offset
    await page.get_by_role("button", name="Avancer d'un jour").click()
    await until(lambda: round((sandbox.clock_offset - before).total_seconds()) == 86400)
    await page.get_by_role("button", name="Horloge, heure de Paris").click()
    await page.get_by_label("Aller à une date").fill("2031-07-14T10:30")
    await page.get_by_role("button", name="Y aller").click()
    await expect(page.locator("#clock-time")).to_contain_text("14 juil. 2031")
    await expect(page.locator("#clock-time")).to_contain_text("10:30")
    assert sandbox.now().isoformat().startswith("2031-07-14T08:30")
    reached = sandbox.clock_offset
    await page.get_by_role("button", name="Horloge, heure de Paris").click()
    await page.get_by_label("Aller à une date").fill("2031-07-13T10:30")
    await page.get_by_role("button", name="Y aller").click()
    await expect(page.get_by_role("alert")).to_contain_text("ne recule pas")
    assert sandbox.clock_offset == reached


async def test_a_mail_is_announced_and_read(page: Page, sandbox: Sandbox) -> None:
    """The empty mailbox says so; a letter is announced, counted, and read as text even when it is HTML."""
    await page.get_by_role("button", name="Courrier : vide").click()
    await expect(page.get_by_text("Pas encore de courrier")).to_be_visible()
    await page.keyboard.press("Escape")
    sandbox.deliver_mail("bailleur@exemple.org", "bot@exemple.org", "Doléance 12", "L'ascenseur est en panne.")
    sandbox.deliver_mail("x@exemple.org", "bot@exemple.org", HOSTILE, "", html=f"<p>Bonjour</p>{HOSTILE}")
    await expect(page.get_by_role("status").filter(has_text="Nouveau courrier")).to_be_visible()
    await page.get_by_role("button", name="Courrier : 2 lettres, 2 à lire").click()
    await expect(page.get_by_role("article", name="Lettre ouverte")).to_contain_text("Bonjour")
    await page.get_by_role("button", name="Doléance 12").click()
    await expect(page.get_by_role("article", name="Lettre ouverte")).to_contain_text("L'ascenseur est en panne.")
    assert await page.evaluate("window.hacked") is None


async def test_no_horizontal_scrolling_and_tabs_on_a_small_screen(page: Page) -> None:
    """At 360 px one telephone is shown at a time, arrows change tab, nothing overflows sideways."""
    await page.set_viewport_size({"width": 360, "height": 640})
    await expect(page.get_by_role("tab")).to_have_count(5)
    await page.get_by_role("tab", name="Samira").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="M. Léon")).to_be_focused()
    panel = page.get_by_role("tabpanel", name="M. Léon")
    await expect(panel).to_be_visible()
    await expect(page.get_by_role("tabpanel")).to_have_count(1)
    await panel.get_by_role("button", name="Démarrer").click()
    await expect(panel.get_by_role("log")).to_contain_text("Bonjour")
    await write(panel, "Anticonstitutionnellement" * 12)
    await expect(panel.get_by_role("log")).to_contain_text("Vous avez écrit : Anti")
    wide = "[...document.querySelectorAll('html, body, main, .log')].filter(e => e.scrollWidth > e.clientWidth).length"
    for tab in await page.get_by_role("tab").all():
        await tab.click()
        assert await page.evaluate(wide) == 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_every_control_has_a_name(page: Page) -> None:
    """Buttons, links, fields, tabs and dialogs all have an accessible name, with every panel open in turn."""
    phone = await started(page)
    await write(phone, "Bonjour")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit")
    assert await unnamed(page) == []
    for opener in ("Horloge, heure de Paris", "Courrier", "Pannes"):
        await page.get_by_role("button", name=opener).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await unnamed(page) == []
        await page.keyboard.press("Escape")
    for opener in ("Commandes du bot", "Joindre"):
        await phone.get_by_role("button", name=opener).click()
        await expect(phone.get_by_role("menu", name=opener)).to_be_visible()
        assert await unnamed(page) == []
        await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.get_by_role("tab")).to_have_count(5)
    assert await unnamed(page) == []


async def unnamed(page: Page) -> list[str]:
    """What a screen reader would call nothing, from Chromium's own accessibility tree."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    await session.detach()
    nodes = [node for node in tree["nodes"] if node.get("role", {}).get("value") in NAMED_ROLES]
    assert len(nodes) > 1
    return [json.dumps(node) for node in nodes if not str(node.get("name", {}).get("value", "")).strip()]


async def test_landmarks_and_live_conversations(page: Page) -> None:
    """The page has its landmarks and headings, and each conversation is a log announced politely."""
    for role in ("banner", "main"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.get_by_role("heading", level=2)).to_have_count(5)
    await expect(page.get_by_role("log")).to_have_count(5)
    await expect(page.locator("[role=log][aria-live=polite]")).to_have_count(5)
    await expect(page.get_by_text("Rien ne quitte cet ordinateur")).to_be_visible()


async def test_html_is_shown_as_text(page: Page, sandbox: Sandbox, robot: ScriptedBot) -> None:
    """Tags in names, messages, buttons, commands and inline results are shown as they are written, never run."""
    person = await control(sandbox, "people", {"first_name": HOSTILE, "role": HOSTILE})
    phone = page.locator(f"#telephone-{person['id']}")
    await expect(phone.get_by_role("heading", level=2)).to_have_text(HOSTILE)
    await phone.get_by_role("button", name="Démarrer").click()
    await write(phone, HOSTILE)
    await expect(phone.get_by_role("log")).to_contain_text(f"Vous avez écrit : {HOSTILE}")
    await robot.call(
        "sendMessage",
        chat_id=person["id"],
        text=HOSTILE,
        entities=[{"type": "bold", "offset": 0, "length": 9}, {"type": "spoiler", "offset": 4, "length": 20}],
        reply_markup={"inline_keyboard": [[key(HOSTILE, "x")]]},
    )
    await expect(phone.locator(".key", has_text=HOSTILE)).to_be_visible()
    await phone.get_by_role("textbox").fill(f"@{NAME} {HOSTILE}")
    await expect(phone.get_by_role("option").first).to_contain_text(HOSTILE)
    assert await page.evaluate("window.hacked") is None
    assert await page.locator("main script, main img:not(.photo)").count() == 0


async def test_in_the_group_one_chooses_who_speaks_and_answers_the_bot(page: Page, robot: ScriptedBot) -> None:
    """In the group the bot hears a reply to its message from the person chosen, and not the rest (privacy mode)."""
    phone = telephone(page, "Conseil citoyen (exemple)")
    await write(phone, "Bonjour à tous")
    await phone.get_by_label("Écrire comme").select_option(label="M. Léon")
    await write(phone, f"/aide@{NAME}")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : /aide")
    await phone.get_by_role("article").last.hover()
    await phone.get_by_role("article").last.get_by_role("button", name="Répondre à").click()
    await expect(phone.get_by_text("En réponse à Passerelle")).to_be_visible()
    await write(phone, "Et ensuite ?")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : Et ensuite ?")
    heard = [(update["message"]["from"]["id"], update["message"]["text"]) for update in robot.seen]
    assert heard == [(102, f"/aide@{NAME}"), (102, "Et ensuite ?")]


async def test_a_blocked_bot_can_be_taken_back(page: Page, robot: ScriptedBot) -> None:
    """Blocking the bot hides the field, stops what it sends, and is undone by one button."""
    phone = await started(page)
    await phone.get_by_role("button", name="Bloquer le bot").click()
    await expect(phone.get_by_role("textbox")).to_have_count(0)
    refused = await robot.call("sendMessage", chat_id=101, text="Coucou")
    assert refused["error_code"] == 403
    await phone.get_by_role("button", name="Débloquer le bot", exact=True).click()
    await write(phone, "Me revoici")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : Me revoici")


async def test_the_menu_sends_the_bots_commands(page: Page) -> None:
    """The menu lists the commands the bot announced for this chat; one key press chooses and sends."""
    phone = await started(page)
    await phone.get_by_role("button", name="Commandes du bot").click()
    await expect(phone.get_by_role("menuitem", name="/aide")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(phone.get_by_role("log")).to_contain_text("Vous avez écrit : /aide")


async def test_faults_are_ordered_and_cleared(page: Page, sandbox: Sandbox) -> None:
    """The panel « Pannes » makes sendMessage fail as asked, shows what is to come, and puts everything right again."""
    await page.get_by_role("button", name="Pannes").click()
    await page.get_by_label("Quand le bot envoie un message").select_option(label="Erreur du serveur (500)")
    await page.get_by_label("Combien de fois").fill("2")
    await page.get_by_role("button", name="Préparer la panne").click()
    await expect(page.get_by_role("listitem").filter(has_text="encore 2 fois")).to_be_visible()
    ordered = (await control(sandbox, "faults"))["faults"]
    assert [(one["method"], one["kind"], one["status"], one["times"]) for one in ordered] == [
        ("sendMessage", "5xx", 500, 2)
    ]
    await page.get_by_role("button", name="Tout rétablir").click()
    await expect(page.get_by_text("Tout marche.")).to_be_visible()
    assert (await control(sandbox, "faults"))["faults"] == []


async def test_reading_up_is_not_disturbed(page: Page, robot: ScriptedBot) -> None:
    """New messages are added without redrawing the others, and do not move someone who has scrolled up."""
    phone = await started(page)
    for number in range(30):
        await robot.call("sendMessage", chat_id=101, text=f"Ligne {number}")
    log = phone.get_by_role("log")
    await expect(log.get_by_text("Ligne 29")).to_be_in_viewport()
    await phone.get_by_role("article").first.evaluate("element => { element.kept = true }")
    await log.evaluate("element => { element.scrollTop = 0 }")
    await expect(phone.get_by_role("button", name="Derniers messages")).to_be_visible()
    await robot.call("sendMessage", chat_id=101, text="Tout en bas")
    await phone.get_by_role("button", name="1 nouveau message").click()
    await expect(log.get_by_text("Tout en bas")).to_be_in_viewport()
    assert await phone.get_by_role("article").first.evaluate("element => element.kept") is True


async def test_a_restart_of_the_sandbox_is_survived(browser: Browser, sandbox: Sandbox, tmp_path: Path) -> None:
    """When the sandbox restarts, the page says so, reconnects by itself and shows what it missed, once."""
    opened = await browser.new_page()
    await opened.goto(sandbox.url)
    await expect(opened.get_by_role("main")).to_have_attribute("aria-busy", "false")
    await write(telephone(opened, "Conseil citoyen (exemple)"), "Avant")
    await expect(opened.get_by_text("Avant", exact=True)).to_have_count(1)
    port = int(sandbox.url.rsplit(":", 1)[1])
    await sandbox.stop()
    await expect(opened.get_by_text("ne répond plus")).to_be_visible()
    again = Sandbox(tmp_path / "sandbox.json")
    await again.start(port=port)
    try:
        await control(again, f"chats/{GROUP}/messages", {"from": 103, "text": "Pendant"})
        await expect(opened.get_by_text("Pendant", exact=True)).to_have_count(1, timeout=20_000)
        await expect(opened.get_by_text("ne répond plus")).to_be_hidden()
        await expect(opened.get_by_text("Avant", exact=True)).to_have_count(1)
    finally:
        await opened.close()
        await again.stop()
