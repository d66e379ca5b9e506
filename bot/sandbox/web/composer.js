// Where the visitor writes: the input, the bot's commands, things to try, and what is being answered or edited.

import { commandsFor, matching, suggestions } from "./commands.js";
import { gistOf } from "./gist.js";
import { MenuButton } from "./menu.js";
import { authorOf, barrierTo, canEdit, chatOf, isPrivate, isStaff, keyOf, nameOf, personOf, statusOf, textOf } from "./model.js";
import { Avatar, classes, html, Icon, IconButton, Name, useEffect, useLayoutEffect, useRef, useState, useVoice } from "./view.js";

const TALLEST = 160;

function Context({ state }) {
  const { t, weave, actions } = useVoice();
  const message = state.editing ?? state.replyTo;
  if (!message) return null;
  const name = html`<${Name}>${authorOf(message).name}<//>`;
  return html`<div class="context">
    <${Icon} name=${state.editing ? "edit" : "reply"} />
    <div class="context-words">
      <b>${state.editing ? t("composer.editing") : weave("composer.replying", { name })}</b>
      <span dir="auto">${gistOf(message, t)}</span>
    </div>
    <${IconButton} icon="close" label=${t("composer.cancel")} onClick=${actions.cancelComposing} />
  </div>`;
}

function CommandMenu({ found, chosen, onPick }) {
  const { t } = useVoice();
  const list = useRef(null);
  useEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);
  if (!found.length) return null;
  return html`<div class="commands">
    <ul id="commands" role="listbox" aria-label=${t("composer.commands")} ref=${list}>
      ${found.map(
        (command, index) => html`<li
          id=${`command-${index}`}
          role="option"
          aria-selected=${index === chosen}
          onPointerDown=${(event) => event.preventDefault()}
          onClick=${() => onPick(command)}
        >
          <b>/${command.command}</b><span dir="auto">${command.description}</span>
        </li>`,
      )}
    </ul>
    <small data-for="desktop">${t("composer.commands.keys")}</small>
  </div>`;
}

function Suggestions({ commands, onSay, onMenu }) {
  const { t } = useVoice();
  return html`<div class="suggestions" role="group" aria-label=${t("composer.suggestions")}>
    <button type="button" class="chip chip-menu" aria-label=${t("composer.commands")} title=${t("composer.commands")} onClick=${onMenu}>
      /
    </button>
    ${suggestions(commands).map((text) => html`<button type="button" class="chip" key=${text} onClick=${() => onSay(text)}>${text}</button>`)}
  </div>`;
}

/** Instead of the input, for those who cannot write here. */
function Barrier({ barrier, chat, person }) {
  const { t, weave, actions } = useVoice();
  const name = html`<${Name}>${nameOf(person)}<//>`;
  const act = (action) => () => actions.changeMember(chat.id, person.id, action);
  if (barrier === "readonly" || barrier === "muted") return html`<div class="barrier"><span>${weave(`composer.${barrier}`, { name })}</span></div>`;
  const banned = barrier === "kicked";
  return html`<div class="barrier">
    <span>${weave(banned ? "composer.banned" : "composer.join.hint", { name })}</span>
    <button type="button" class="primary" onClick=${act(banned ? "unban" : "join")}>${t(banned ? "act.unban" : "composer.join")}</button>
  </div>`;
}

/** What has been typed, kept apart for each chat; an edit brings its own text. */
function useDraft(chatId, editing) {
  const [drafts, setDrafts] = useState({});
  const setDraft = (text) => setDrafts((before) => ({ ...before, [chatId]: text }));
  const wasEditing = useRef(null);
  useEffect(() => {
    if (editing) setDraft(textOf(editing));
    else if (wasEditing.current) setDraft("");
    wasEditing.current = editing;
  }, [editing]);
  return [drafts[chatId] ?? "", setDraft];
}

function useGrowing(input, draft) {
  useLayoutEffect(() => {
    if (!input.current) return;
    input.current.style.height = "auto";
    input.current.style.height = `${Math.min(input.current.scrollHeight, TALLEST)}px`;
  }, [draft]);
}

const lastOwn = (state) =>
  (state.messages[state.chatId] ?? []).findLast((message) => canEdit(message, state.personId));

function MoreMenu({ chat, person, isAnonymous, onAnonymous }) {
  const { t, actions } = useVoice();
  const maySpeakAsGroup = chat.type === "supergroup" && isStaff(statusOf(chat, person.id));
  return html`<${MenuButton}
    icon="plus"
    label=${t("composer.more")}
    items=${[
      { label: t("composer.photo"), icon: "photo", run: () => actions.say({ kind: "photo" }) },
      { label: t("composer.sticker"), icon: "sticker", run: () => actions.say({ kind: "sticker" }) },
      maySpeakAsGroup && { label: t("composer.anonymous"), icon: "mask", checked: isAnonymous, run: onAnonymous },
    ]}
  />`;
}

const DIRECTIONS = { ArrowDown: 1, ArrowUp: -1 };

/** The keys of the command menu; true when the key was its own. */
function steer(event, { found, chosen, setChosen, pick, fill, close }) {
  if (!found?.length) return false;
  if (DIRECTIONS[event.key]) setChosen((chosen + DIRECTIONS[event.key] + found.length) % found.length);
  else if (event.key === "Enter" && !event.shiftKey) pick(found[chosen]);
  else if (event.key === "Tab" && !event.shiftKey) fill(found[chosen]);
  else if (event.key === "Escape") close();
  else return false;
  event.preventDefault();
  return true;
}

function Writer({ state, chat, person, commands }) {
  const { t, actions } = useVoice();
  const input = useRef(null);
  const [draft, setDraft] = useDraft(chat.id, state.editing);
  const [chosen, setChosen] = useState(0);
  const [isClosed, setClosed] = useState(false);
  const [anonymousIn, setAnonymousIn] = useState(null);
  useGrowing(input, draft);
  useEffect(() => {
    if (state.editing || state.replyTo) input.current.focus();
  }, [state.editing, state.replyTo && keyOf(state.replyTo)]);

  const place = `${chat.id}/${person.id}`;
  const isAnonymous = anonymousIn === place && isStaff(statusOf(chat, person.id));
  const found = isClosed || state.editing ? null : matching(commands, draft);

  const type = (text) => {
    setDraft(text);
    setChosen(0);
    setClosed(false);
  };
  const say = async (text) => {
    const accepted = await actions.say({ text, ...(isAnonymous ? { as_chat_id: chat.id } : {}) });
    if (!accepted) setDraft(text); // what was refused is not lost
  };
  const submit = () => {
    const text = draft.trim();
    if (!text) return;
    setDraft("");
    if (state.editing) actions.saveEdit(text);
    else say(text);
  };
  const pick = (command) => {
    setDraft("");
    say(`/${command.command}`);
  };
  const fill = (command) => type(`/${command.command} `);
  const showCommands = () => {
    type("/");
    input.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return; // Enter that ends a Chinese word is not "send"
    if (steer(event, { found, chosen, setChosen, pick, fill, close: () => setClosed(true) })) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") actions.cancelComposing();
    else if (event.key === "ArrowUp" && !draft && lastOwn(state)) {
      event.preventDefault();
      actions.edit(lastOwn(state));
    }
  };
  const placeholder = isAnonymous ? t("composer.placeholder.anonymous") : t("composer.placeholder", { name: nameOf(person) });
  return html`
    ${found && html`<${CommandMenu} found=${found} chosen=${chosen} onPick=${pick} />`}
    ${draft === "/" && !commands.length && html`<p class="commands commands-none">${t("composer.commands.none")}</p>`}
    <${Context} state=${state} />
    <form
      class="writer"
      onSubmit=${(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <button
        type="button"
        class="who-speaks"
        title=${t("people.open", { name: nameOf(person) })}
        aria-label=${t("people.open", { name: nameOf(person) })}
        onClick=${() => actions.showPanel("people")}
      >
        <${Avatar} id=${isAnonymous ? chat.id : person.id} name=${isAnonymous ? chat.title : nameOf(person)} kind=${isAnonymous ? "chat" : "person"} size="s" />
      </button>
      <textarea
        ref=${input}
        rows="1"
        dir="auto"
        enterkeyhint="send"
        autocomplete="off"
        maxlength="4096"
        aria-label=${t("composer.label")}
        aria-autocomplete="list"
        aria-controls=${found?.length ? "commands" : undefined}
        aria-activedescendant=${found?.length ? `command-${chosen}` : undefined}
        placeholder=${placeholder}
        value=${draft}
        onInput=${(event) => type(event.currentTarget.value)}
        onKeyDown=${onKeyDown}
      ></textarea>
      <${MoreMenu}
        chat=${chat}
        person=${person}
        isAnonymous=${isAnonymous}
        onAnonymous=${() => setAnonymousIn(isAnonymous ? null : place)}
      />
      <button type="submit" class=${classes("send", draft.trim() && "ready")} aria-label=${t(state.editing ? "composer.save" : "composer.send")}>
        <${Icon} name=${state.editing ? "check" : "send"} />
      </button>
    </form>
    <${Suggestions} commands=${commands} onSay=${(text) => actions.say({ text })} onMenu=${showCommands} />
  `;
}

/** The foot of the conversation: an input, or the reason why there is none. */
export function Composer({ state }) {
  const { t, actions } = useVoice();
  const { world } = state;
  const chat = chatOf(world, state.chatId);
  const person = personOf(world, state.personId);
  const barrier = barrierTo(chat, person.id);
  const isUntouched = isPrivate(chat) && !(state.messages[chat.id] ?? []).length;
  if (barrier) return html`<footer class="composer"><${Barrier} barrier=${barrier} chat=${chat} person=${person} /></footer>`;
  const commands = commandsFor(world.commands ?? [], chat, person);
  return html`<footer class="composer">
    ${isUntouched && html`<button type="button" class="primary start" onClick=${() => actions.say({ text: "/start" })}>${t("composer.start")}</button>`}
    <${Writer} state=${state} chat=${chat} person=${person} commands=${commands} />
  </footer>`;
}
