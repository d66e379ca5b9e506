// The list of chats at the left: groups, channels, and each person's private chat with the bot.

import { gistOf } from "./gist.js";
import { authorOf, isPrivate, nameOf, people, personOf, privateChat, publicChats, receiverOf, serviceOf } from "./model.js";
import { Form } from "./popups.js";
import { timeOf } from "./times.js";
import { Avatar, classes, html, Icon, Name, useState, useVoice } from "./view.js";

function lastOf(state, chat) {
  const shown = (message) => receiverOf(message) === undefined || receiverOf(message) === state.personId;
  return (state.messages[chat.id] ?? []).findLast(shown);
}

function Preview({ message, chat }) {
  const { t } = useVoice();
  if (!message) return html`<span class="preview">${t("chats.empty")}</span>`;
  const says = !serviceOf(message) && !isPrivate(chat) && chat.type !== "channel";
  return html`<span class="preview" dir="auto">
    ${says && html`<span class="preview-who"><${Name}>${authorOf(message).name}<//>: </span>`}${gistOf(message, t)}
  </span>`;
}

function ChatRow({ state, chat, title, kind, onOpen }) {
  const { t, language } = useVoice();
  const last = lastOf(state, chat);
  const unread = state.unread[chat.id];
  const isOpen = chat.id === state.chatId;
  return html`<li>
    <button type="button" class=${classes("chat-row", isOpen && "open")} aria-current=${isOpen ? "true" : undefined} onClick=${onOpen}>
      <${Avatar} id=${chat.id} name=${title} kind=${kind} />
      <span class="chat-row-words">
        <span class="chat-row-top">
          <span class="chat-row-title" dir="auto">${title}</span>
          ${last && html`<time class="chat-row-time">${timeOf(last.date, language)}</time>`}
        </span>
        <span class="chat-row-bottom">
          <${Preview} message=${last} chat=${chat} />
          ${unread && html`<span class="unread" aria-label=${t("chats.unread", { count: unread })}>${unread}</span>`}
        </span>
      </span>
    </button>
  </li>`;
}

function Section({ title, chats, draw }) {
  if (!chats.length) return null;
  return html`<section>
    <h3>${title}</h3>
    <ul>
      ${chats.map(draw)}
    </ul>
  </section>`;
}

function NewGroup({ person }) {
  const { t, weave, actions } = useVoice();
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  const create = async ({ title }) => title && (await actions.foundGroup(title)) && close();
  const name = html`<${Name}>${nameOf(person)}<//>`;
  return html`<button type="button" class="new-group" onClick=${() => setOpen(true)}><${Icon} name="plus" />${t("chats.new_group")}</button>
    ${isOpen &&
    html`<${Form} title=${t("chats.new_group")} submit=${t("chats.create")} onSubmit=${create} onClose=${close}>
      <label><span>${t("chats.group_title")}</span><input name="title" dir="auto" required maxlength="128" autocomplete="off" /></label>
      <p class="hint">${weave("chats.new_group.hint", { name })}</p>
    <//>`}`;
}

export function Chats({ state }) {
  const { t, actions } = useVoice();
  const { world } = state;
  const row = (chat) => html`<${ChatRow}
    key=${chat.id}
    state=${state}
    chat=${chat}
    title=${chat.title}
    kind="chat"
    onOpen=${() => actions.openChat(chat.id)}
  />`;
  const privateRow = (user) => html`<${ChatRow}
    key=${user.id}
    state=${state}
    chat=${privateChat(world, user.id)}
    title=${nameOf(user)}
    kind="person"
    onOpen=${() => actions.openPrivate(user.id)}
  />`;
  const open = publicChats(world);
  return html`<nav class="chats" aria-label=${t("chats.title")}>
    <${Section} title=${t("chats.groups")} chats=${open.filter((chat) => chat.type !== "channel")} draw=${row} />
    <${NewGroup} person=${personOf(world, state.personId)} />
    <${Section} title=${t("chats.channels")} chats=${open.filter((chat) => chat.type === "channel")} draw=${row} />
    <${Section} title=${t("chats.private", { bot: nameOf(world.bot) })} chats=${people(world)} draw=${privateRow} />
  </nav>`;
}
