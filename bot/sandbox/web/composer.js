// Where the visitor writes: the input, the bot's commands, things to try, and what is being answered or edited.

import { commandsFor, matching, suggestions } from "./commands.js";
import { gistOf } from "./gist.js";
import { MenuButton } from "./menu.js";
import {
  authorOf, barrierTo, canEdit, chatOf, isPrivate, isStaff, keyOf, nameOf, personOf, statusOf, textOf,
} from "./model.js";
import {
  Avatar, classes, html, Icon, IconButton, Name, useEffect, useLayoutEffect, useRef, useState, useVoice,
} from "./view.js";

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

const WAY_BACK = { left: "join", kicked: "unban" };

/** Instead of the input, for those who cannot write here: why, and what would change it. */
function Barrier({ barrier, chat, person }) {
  const { t, weave, actions } = useVoice();
  const name = html`<${Name}>${nameOf(person)}<//>`;
  const title = html`<${Name}>${chat.title}<//>`;
  const action = WAY_BACK[barrier];
  return html`<div class="barrier">
    <span>${weave(`composer.${barrier}`, { name, chat: title })}</span>
    ${action &&
    html`<button type="button" class="primary" onClick=${() => actions.changeMember(chat.id, person.id, action)}>
      ${t(`act.${action}`)}
    </button>`}
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

/** An admin may speak as the group; that ends with the role, the person or the chat. */
function useAnonymity(chat, person) {
  const [chosenIn, setChosenIn] = useState(null);
  const place = `${chat.id}/${person.id}`;
  const isAnonymous = chosenIn === place && isStaff(statusOf(chat, person.id));
  return [isAnonymous, () => setChosenIn(isAnonymous ? null : place)];
}

/** The command menu: what fits the draft, which one is chosen, and whether it was waved away. */
function useCommandMenu(commands, draft, isOff) {
  const [chosen, setChosen] = useState(0);
  const [isClosed, setClosed] = useState(false);
  const reset = () => {
    setChosen(0);
    setClosed(false);
  };
  return {
    found: isClosed || isOff ? null : matching(commands, draft),
    chosen,
    setChosen,
    close: () => setClosed(true),
    reset,
  };
}

/** Everything the writer can do with the draft. */
function useWriting(state, commands, sendsAs) {
  const { actions } = useVoice();
  const [draft, setDraft] = useDraft(state.chatId, state.editing);
  const menu = useCommandMenu(commands, draft, Boolean(state.editing));
  const type = (text) => {
    setDraft(text);
    menu.reset();
  };
  const say = async (text) => {
    setDraft("");
    const accepted = await actions.say({ text, ...(sendsAs ? { as_chat_id: sendsAs } : {}) });
    if (!accepted) setDraft(text); // what was refused is not lost
  };
  const submit = () => {
    const text = draft.trim();
    if (!text) return;
    if (state.editing) actions.saveEdit(text);
    else say(text);
  };
  return {
    draft,
    type,
    submit,
    menu: {
      ...menu,
      pick: (command) => say(`/${command.command}`),
      fill: (command) => type(`/${command.command} `),
    },
  };
}

/** What the keys do in the input. */
function useKeys(state, { draft, submit, menu }) {
  const { actions } = useVoice();
  return (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends a Chinese word is not "send" (229: Safari)
    if (steer(event, menu)) return;
    const last = event.key === "ArrowUp" && !draft && lastOwn(state);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") actions.cancelComposing();
    else if (last) {
      event.preventDefault();
      actions.edit(last);
    }
  };
}

function Field({ input, placeholder, writing, onKeyDown }) {
  const { t } = useVoice();
  const { found, chosen } = writing.menu;
  useGrowing(input, writing.draft);
  return html`<textarea
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
    value=${writing.draft}
    onInput=${(event) => writing.type(event.currentTarget.value)}
    onKeyDown=${onKeyDown}
  ></textarea>`;
}

/** Who is about to speak; a press leads to the people. */
function Speaker({ chat, person, isAnonymous }) {
  const { t, actions } = useVoice();
  const label = t("people.open", { name: nameOf(person) });
  return html`<button type="button" class="who-speaks" title=${label} aria-label=${label} onClick=${() => actions.showPanel("people")}>
    ${isAnonymous
      ? html`<${Avatar} id=${chat.id} name=${chat.title} kind="chat" size="s" />`
      : html`<${Avatar} id=${person.id} name=${nameOf(person)} size="s" />`}
  </button>`;
}

function Writer({ state, chat, person, commands }) {
  const { t, actions } = useVoice();
  const input = useRef(null);
  const [isAnonymous, toggleAnonymous] = useAnonymity(chat, person);
  const writing = useWriting(state, commands, isAnonymous ? chat.id : null);
  const onKeyDown = useKeys(state, writing);
  const { draft, menu } = writing;
  useEffect(() => {
    if (state.editing || state.replyTo) input.current.focus();
  }, [state.editing, state.replyTo && keyOf(state.replyTo)]);
  const showCommands = () => {
    writing.type("/");
    input.current.focus();
  };
  const submit = (event) => {
    event.preventDefault();
    writing.submit();
  };
  const placeholder = isAnonymous ? t("composer.placeholder.anonymous") : t("composer.placeholder", { name: nameOf(person) });
  return html`
    ${menu.found && html`<${CommandMenu} found=${menu.found} chosen=${menu.chosen} onPick=${menu.pick} />`}
    ${draft === "/" && !commands.length && html`<p class="commands commands-none">${t("composer.commands.none")}</p>`}
    <${Context} state=${state} />
    <form class="writer" onSubmit=${submit}>
      <${Speaker} chat=${chat} person=${person} isAnonymous=${isAnonymous} />
      <${Field} input=${input} placeholder=${placeholder} writing=${writing} onKeyDown=${onKeyDown} />
      <${MoreMenu} chat=${chat} person=${person} isAnonymous=${isAnonymous} onAnonymous=${toggleAnonymous} />
      <button
        type="submit"
        class=${classes("send", draft.trim() && "ready")}
        aria-label=${t(state.editing ? "composer.save" : "composer.send")}
      >
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
