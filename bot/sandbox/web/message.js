// One message: its bubble, what it answers, its buttons and its menu.

import { gistOf, happening } from "./gist.js";
import { isBare, Media } from "./media.js";
import { Menu } from "./menu.js";
import {
  authorOf, barrierTo, canDelete, canEdit, inkOf, isOwn, isStaff, keyOf, nameOf, receiverOf, serviceOf, statusOf, textOf,
} from "./model.js";
import { Rich } from "./rich.js";
import { timeOf } from "./times.js";
import { Avatar, classes, html, Icon, IconButton, Name, useRef, useState, useVoice } from "./view.js";

const HOLD = 450;

/** A line in the middle: somebody joined, left, pinned. */
export function ServiceMessage({ message }) {
  const { weave } = useVoice();
  const { key, values } = happening(message);
  const names = Object.entries(values).map(([slot, value]) => [slot, html`<${Name}>${value}<//>`]);
  return html`<div class="service"><span>${weave(key, Object.fromEntries(names))}</span></div>`;
}

function Quote({ message }) {
  const { t, actions } = useVoice();
  const author = authorOf(message);
  const show = () => actions.showMessage(message.chat, message.message_id);
  return html`<button type="button" class=${`quote hue-line-${inkOf(author)}`} onClick=${show}>
    <${Name}>${author.name}<//>
    <span dir="auto">${gistOf(message, t)}</span>
  </button>`;
}

function forwardedFrom(origin) {
  return origin && (origin.sender_user_name ?? nameOf(origin.sender_user ?? origin.sender_chat ?? origin.chat));
}

function Forwarded({ origin }) {
  const { weave } = useVoice();
  if (!origin) return null;
  const name = html`<${Name}>${forwardedFrom(origin)}<//>`;
  return html`<div class="forwarded">${weave("message.forwarded", { name })}</div>`;
}

/** The author's line above the first of their messages in a row. */
function Author({ message, chat }) {
  const { t } = useVoice();
  const author = authorOf(message);
  const member = chat.members?.find((one) => one.user.id === author.id);
  const status = author.isChat ? null : statusOf(chat, author.id);
  const title = author.isBot ? t("message.bot") : (member?.custom_title ?? (isStaff(status) ? t(`role.${status}`) : null));
  return html`<div class=${`author hue-text-${inkOf(author)}`}>
    <${Name}>${author.name}<//>
    ${(title || message.author_signature) && html`<small dir="auto">${title ?? message.author_signature}</small>`}
  </div>`;
}

const GLYPHS = { url: "outside", copy_text: "copy" };

function InlineButton({ message, button, isWaiting }) {
  const { t, actions } = useVoice();
  const glyph = Object.keys(GLYPHS).find((field) => button[field]);
  return html`<button
    type="button"
    class=${classes("inline-button", button.style && `inline-${button.style}`, isWaiting && "waiting")}
    disabled=${Boolean(button.disabled)}
    aria-busy=${isWaiting}
    onClick=${() => actions.pressButton(message, button)}
  >
    <span dir="auto">${button.text}</span>
    ${glyph && html`<${Icon} name=${GLYPHS[glyph]} />`}
    ${isWaiting && html`<span class="spinner" role="img" aria-label=${t("button.waiting")}></span>`}
  </button>`;
}

function InlineKeyboard({ message, pressing }) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  const isWaiting = (button) =>
    button.callback_data !== undefined &&
    pressing.some((press) => press.key === keyOf(message) && press.data === button.callback_data);
  return html`<div class="inline-keyboard">
    ${rows.map(
      (row) => html`<div class="inline-row">
        ${row.map((button) => html`<${InlineButton} message=${message} button=${button} isWaiting=${isWaiting(button)} />`)}
      </div>`,
    )}
  </div>`;
}

const Reactions = ({ reactions }) =>
  reactions?.length
    ? html`<div class="reactions">
        ${reactions.map(({ emoji, count }) => html`<span class="reaction">${emoji}<small>${count}</small></span>`)}
      </div>`
    : null;

function Stamp({ message, isPinned }) {
  const { t, language } = useVoice();
  const date = new Date(message.date * 1000);
  return html`<span class="stamp">
    ${isPinned && html`<span title=${t("message.pinned")}><${Icon} name="pin" /></span>`}
    ${message.edit_date && html`<span>${t("message.edited")}</span>`}
    <time datetime=${date.toISOString()} title=${date.toLocaleString()}>${timeOf(message.date, language)}</time>
  </span>`;
}

function TopicLabel({ message, chat }) {
  const { t } = useVoice();
  const topic = chat.topics?.find((one) => one.message_thread_id === message.message_thread_id);
  return topic ? html`<span class="topic-label" dir="auto">${t("message.in_topic", { topic: topic.name })}</span>` : null;
}

/** What may be done with a message, for its menu. */
function useChoices(message, { chat, person }) {
  const { t, actions } = useVoice();
  const text = textOf(message);
  const isEphemeral = receiverOf(message) !== undefined;
  return [
    !isEphemeral && { label: t("message.reply"), icon: "reply", run: () => actions.reply(message) },
    canEdit(message, person.id) && { label: t("message.edit"), icon: "edit", run: () => actions.edit(message) },
    text && { label: t("message.copy"), icon: "copy", run: () => actions.copy(text) },
    message.text && message.from && !isEphemeral && {
      label: t("message.forward", { name: nameOf(person) }),
      icon: "forward",
      run: () => actions.forward(message),
    },
    canDelete(message, person.id, chat) && {
      label: t("message.delete"),
      icon: "trash",
      danger: true,
      run: () => actions.remove(message),
    },
  ].filter(Boolean);
}

const EMOJI = ["❤", "👍", "🔥", "🎉", "😁", "😢"];

/** The reactions a member may give, and taking one's own back. */
function useReactions(message, { chat, person }) {
  const { t, actions } = useVoice();
  if (receiverOf(message) !== undefined || barrierTo(chat, person.id) === "left") return [];
  const give = EMOJI.map((emoji) => ({
    label: t("message.react", { emoji }),
    sign: emoji,
    run: () => actions.react(message, emoji),
  }));
  const takeBack = { label: t("message.unreact"), sign: html`<${Icon} name="close" />`, run: () => actions.react(message, null) };
  return message.reactions?.length ? [...give, takeBack] : give;
}

/** Right click, a long press, or the button with the dots. */
function useOpening() {
  const [at, setAt] = useState(null);
  const held = useRef(0);
  const release = () => clearTimeout(held.current);
  const openers = {
    onContextMenu: (event) => {
      event.preventDefault();
      setAt({ x: event.clientX, y: event.clientY });
    },
    onTouchStart: (event) => {
      const { clientX, clientY } = event.touches[0];
      held.current = setTimeout(() => setAt({ x: clientX, y: clientY }), HOLD);
    },
    onTouchEnd: release,
    onTouchMove: release,
    onTouchCancel: release,
  };
  const openBelow = (event) => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    setAt({ x: left, y: bottom });
  };
  return { at, openers, openBelow, close: () => setAt(null) };
}

function Body({ message, chat, showsTopic, isPinned }) {
  const { t } = useVoice();
  return html`
    ${receiverOf(message) !== undefined && html`<div class="only-you"><${Icon} name="eye" />${t("message.only_you")}</div>`}
    ${showsTopic && html`<${TopicLabel} message=${message} chat=${chat} />`}
    <${Forwarded} origin=${message.forward_origin} />
    ${message.reply_to_message && html`<${Quote} message=${message.reply_to_message} />`}
    <${Media} message=${message} />
    ${textOf(message) && html`<div class="text" dir="auto"><${Rich} markup=${message.html} text=${textOf(message)} /></div>`}
    <${Stamp} message=${message} isPinned=${isPinned} />
  `;
}

/** `starts` and `ends`: whether it is the first and the last of one author's messages in a row. */
export function Message({ message, chat, person, pressing, starts, ends, showsTopic, isFound }) {
  const { t } = useVoice();
  const { at, openers, openBelow, close } = useOpening();
  const choices = useChoices(message, { chat, person });
  const quick = useReactions(message, { chat, person });
  const author = authorOf(message);
  const isMine = isOwn(message, person.id);
  if (serviceOf(message)) return html`<div data-key=${keyOf(message)}><${ServiceMessage} message=${message} /></div>`;
  const kind = author.isBot ? "bot" : author.isChat ? "chat" : "person";
  return html`<article
    class=${classes("message", isMine ? "mine" : "theirs", starts && "starts", ends && "ends", isFound && "found")}
    data-key=${keyOf(message)}
    aria-label=${`${author.name}, ${gistOf(message, t)}`}
  >
    ${!isMine && html`<div class="beside">${ends && html`<${Avatar} id=${author.id} name=${author.name} kind=${kind} size="s" />`}</div>`}
    <div class="stack">
      <div class=${classes("bubble", isBare(message) && "bare", receiverOf(message) !== undefined && "whispered")} ...${openers}>
        ${starts && !isMine && html`<${Author} message=${message} chat=${chat} />`}
        <${Body} message=${message} chat=${chat} showsTopic=${showsTopic} isPinned=${chat.pinned_message_id === message.message_id} />
        <${Reactions} reactions=${message.reactions} />
      </div>
      <${InlineKeyboard} message=${message} pressing=${pressing} />
    </div>
    ${choices.length > 0 && html`<${IconButton} icon="more" label=${t("message.menu")} onClick=${openBelow} aria-haspopup="menu" />`}
    ${at && html`<${Menu} at=${at} items=${choices} quick=${quick} label=${t("message.menu")} onClose=${close} />`}
  </article>`;
}
