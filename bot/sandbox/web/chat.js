// The conversation in the middle: its header, the pinned line, topics and the log.

import { gistOf } from "./gist.js";
import { Message } from "./message.js";
import {
  authorOf, chatOf, isPrivate, keyOf, nameOf, personOf, presentCount, privateChat, receiverOf, serviceOf,
} from "./model.js";
import { dayLabel, dayOf } from "./times.js";
import {
  Avatar, classes, html, Icon, IconButton, Name, useEffect, useLayoutEffect, useRef, useState, useVoice,
} from "./view.js";

const NEAR = 120;
const TOGETHER = 300; // seconds within which one author's messages stand as a row
const FOUND_LASTS = 1600;

const visibleTo = (personId) => (message) => {
  const receiver = receiverOf(message);
  return receiver === undefined || receiver === personId;
};

const inTopic = (topicId) => (message) =>
  topicId === null || (topicId === 0 ? !message.is_topic_message : message.message_thread_id === topicId);

function subtitleOf(chat, world, state, t) {
  const action = state.typing[chat.id]?.action;
  if (action) {
    const doing = /upload|record/.test(action) ? "chat.uploading" : "chat.typing";
    return { text: t(doing, { bot: nameOf(world.bot) }), isTyping: true };
  }
  if (isPrivate(chat)) return { text: t("chat.private", { name: nameOf(personOf(world, chat.user_id ?? chat.id)) }) };
  const count = presentCount(chat);
  if (chat.type === "channel") return { text: t("chat.subscribers", { count }) };
  const members = count === 1 ? t("chat.member") : t("chat.members", { count });
  return { text: chat.type === "group" ? t("chat.basic", { members }) : members };
}

function Header({ chat, state }) {
  const { t, actions } = useVoice();
  const { world } = state;
  const { text, isTyping } = subtitleOf(chat, world, state, t);
  const title = isPrivate(chat) ? nameOf(world.bot) : chat.title;
  const person = personOf(world, state.personId);
  return html`<header class="chat-header">
    <${IconButton} icon="back" label=${t("chats.open")} onClick=${() => actions.showPanel("chats")} data-for="phone" />
    <${Avatar} id=${chat.id} name=${title} kind=${isPrivate(chat) ? "bot" : "chat"} />
    <div class="chat-heading">
      <h2 dir="auto">${title}</h2>
      <p class=${classes("subtitle", isTyping && "typing")} aria-live="polite" dir="auto">
        ${text}${isTyping && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`}
      </p>
    </div>
    <button
      type="button"
      class="who-button"
      data-for="narrow"
      aria-label=${t("people.open", { name: nameOf(person) })}
      onClick=${() => actions.showPanel("people")}
    >
      <${Avatar} id=${person.id} name=${nameOf(person)} size="s" /><${Icon} name="down" />
    </button>
  </header>`;
}

function Pinned({ chat, messages }) {
  const { t, actions } = useVoice();
  const pinned = messages.find((message) => message.message_id === chat.pinned_message_id);
  if (!pinned) return null;
  return html`<button type="button" class="pinned" onClick=${() => actions.showMessage(chat, pinned.message_id)}>
    <${Icon} name="pin" />
    <span class="pinned-words"><small>${t("chat.pinned")}</small><span dir="auto">${gistOf(pinned, t)}</span></span>
  </button>`;
}

function Topics({ chat, topicId }) {
  const { t, actions } = useVoice();
  if (!chat.is_forum) return null;
  const named = chat.topics.filter((topic) => topic.message_thread_id !== 1);
  const tabs = [[null, t("topic.all")], [0, t("topic.general")], ...named.map((topic) => [topic.message_thread_id, topic.name])];
  return html`<div class="topics" role="group" aria-label=${t("topic.list")}>
    ${tabs.map(
      ([id, name]) => html`<button type="button" dir="auto" aria-pressed=${id === topicId} onClick=${() => actions.setTopic(id)}>
        ${name}
      </button>`,
    )}
  </div>`;
}

function Tips({ person }) {
  const { t, weave, actions } = useVoice();
  const name = html`<b><${Name}>${nameOf(person)}<//></b>`;
  return html`<aside class="tips">
    <h3>${t("tips.title")}</h3>
    <ul>
      <li>${weave("tips.who", { name })}</li>
      <li>${t("tips.say")}</li>
      <li>${t("tips.menu")}</li>
      <li>${t("tips.clock")}</li>
    </ul>
    <button type="button" class="primary" onClick=${actions.finishTips}>${t("tips.done")}</button>
  </aside>`;
}

const sameRow = (one, other) =>
  one && other && !serviceOf(one) && !serviceOf(other) &&
  authorOf(one).id === authorOf(other).id &&
  receiverOf(one) === receiverOf(other) &&
  dayOf(one.date) === dayOf(other.date) &&
  Math.abs(one.date - other.date) < TOGETHER;

/** The messages with the separators between days. */
function rowsOf(messages) {
  return messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const isNewDay = !before || dayOf(before.date) !== dayOf(message.date);
    const row = {
      message,
      starts: !sameRow(before, message),
      ends: !sameRow(message, messages[index + 1]),
    };
    return isNewDay ? [{ day: dayOf(message.date) }, row] : [row];
  });
}

/** Follows the newest message as long as the visitor is at the bottom. */
function useFollowing(log, count) {
  const [isAway, setAway] = useState(false);
  const following = useRef(true);
  const toEnd = () => {
    log.current.scrollTop = log.current.scrollHeight;
  };
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = log.current;
    following.current = scrollHeight - scrollTop - clientHeight < NEAR;
    setAway(!following.current);
  };
  useLayoutEffect(() => {
    if (following.current) toEnd();
  }, [count]);
  useEffect(() => {
    // A picture that loads, a keyboard that opens: the end stays in sight.
    const watcher = new ResizeObserver(() => following.current && toEnd());
    watcher.observe(log.current);
    watcher.observe(log.current.firstElementChild);
    return () => watcher.disconnect();
  }, []);
  return { isAway, onScroll, toEnd };
}

/** Brings a message into view when something points at it. */
function useFinding(log, focusOn) {
  const { actions } = useVoice();
  useEffect(() => {
    if (!focusOn) return undefined;
    log.current.querySelector(`[data-key="${focusOn}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
    const over = setTimeout(actions.focused, FOUND_LASTS);
    return () => clearTimeout(over);
  }, [focusOn]);
}

function Log({ chat, state, messages }) {
  const { t, language } = useVoice();
  const log = useRef(null);
  const { isAway, onScroll, toEnd } = useFollowing(log, messages.length);
  useFinding(log, state.focusOn);
  const person = personOf(state.world, state.personId);
  const now = Date.now() + state.clockOffset;
  const showsTips = state.tips && !isPrivate(chat);
  const draw = (row) =>
    row.day
      ? html`<div class="day" key=${`d${row.day}`}><span>${dayLabel(row.day, now, language, t)}</span></div>`
      : html`<${Message}
          key=${keyOf(row.message)}
          ...${row}
          chat=${chat}
          person=${person}
          pressing=${state.pressing}
          showsTopic=${chat.is_forum && state.topicId === null}
          isFound=${state.focusOn === keyOf(row.message)}
        />`;
  return html`<div class="log-frame">
    <div class="log" ref=${log} onScroll=${onScroll} tabindex="0" role="log" aria-live="polite" aria-label=${t("chat.log")}>
      <div class="log-inner">
        ${showsTips && html`<${Tips} person=${person} />`}
        ${messages.length === 0 && !showsTips && html`<p class="quiet">${t(isPrivate(chat) ? "chat.quiet.private" : "chat.quiet")}</p>`}
        ${rowsOf(messages).map(draw)}
      </div>
    </div>
    ${isAway && html`<button type="button" class="to-end" aria-label=${t("chat.newest")} onClick=${toEnd}><${Icon} name="down" /></button>`}
  </div>`;
}

/** The open chat; `children` is the composer. */
export function Conversation({ state, children }) {
  const { world, chatId, personId, topicId } = state;
  const chat = chatOf(world, chatId) ?? privateChat(world, personId);
  const all = state.messages[chat.id] ?? [];
  const messages = all.filter(visibleTo(personId)).filter(inTopic(chat.is_forum ? topicId : null));
  return html`<main class="conversation">
    <${Header} chat=${chat} state=${state} />
    <${Topics} chat=${chat} topicId=${topicId} />
    <${Pinned} chat=${chat} messages=${all} />
    <${Log} key=${`${chat.id}/${topicId}`} chat=${chat} state=${state} messages=${messages} />
    ${children}
  </main>`;
}
