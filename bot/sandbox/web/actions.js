// What a visitor can do. Each action speaks to the server, tells the store, and says so when it fails.

import { api, follow } from "./api.js";
import { keep } from "./kept.js";
import { inSandbox, safeAddress } from "./links.js";
import { chatOf, keyOf, nameOf, personOf, privateChat, textOf } from "./model.js";
import { clockFace } from "./times.js";
import { speaker } from "./texts.js";

const NOTICE_LASTS = 4500;
const TYPING_LASTS = 5000;
const PRESS_LASTS = 15_000;
const WATCH_EVERY = 1000;
const UNFETCHED_FOR = 4000;
const MOST_CHATS_READ = 40; // previews for a demo's chats; a larger world reads a chat when it is opened
const WORLD_CHANGES = new Set(["chat", "member", "migrated", "user"]);

let nextNotice = 1;

const offsetFrom = (now) => new Date(now).getTime() - Date.now();

export function createActions(store) {
  const { get, tell } = store;
  const t = (key, values) => speaker(get().language)(key, values);

  function notify(text, kind = "answer") {
    const notice = { id: nextNotice++, text, kind };
    tell({ type: "notice", notice });
    setTimeout(() => tell({ type: "notice over", id: notice.id }), NOTICE_LASTS);
  }

  /** Runs a call; a refusal is shown to the visitor and answered with undefined. */
  async function attempt(work) {
    try {
      return await work();
    } catch (problem) {
      notify(t("error.generic", { reason: problem.message }), "error");
      return undefined;
    }
  }

  let worldChanges = 0;

  async function readMessages(chatId) {
    tell({ type: "messages asked", chatId });
    // A private chat that nobody has used yet is no fault: it is simply empty.
    const messages = await api.messages(chatId).catch(() => []);
    tell({ type: "messages read", chatId, messages });
  }

  /** Reads the whole world; one that events overtook on its way is older than what is shown, so it is read again. */
  async function readWorld() {
    const changes = worldChanges;
    const world = await api.world();
    if (changes !== worldChanges) return readWorld();
    tell({ type: "world read", world, offset: offsetFrom(world.now) });
    return world;
  }

  async function synchronise() {
    try {
      const { chats } = await readWorld();
      const known = new Set(Object.keys(get().messages).map(Number));
      const { chatId } = get();
      const wanted = chats.filter((chat, index) => index < MOST_CHATS_READ || known.has(chat.id) || chat.id === chatId);
      await Promise.all(wanted.map((chat) => readMessages(chat.id)));
      tell({ type: "connection", connection: "open" });
    } catch {
      tell({ type: "connection", connection: "lost" });
    }
  }

  function hearAnswer(frame) {
    const mine = get().pressing.some(
      (press) => press.userId === frame.user_id && (frame.message_id == null || press.messageId === frame.message_id),
    );
    tell(frame);
    if (!mine) return;
    if (frame.url) openLink(frame.url);
    if (!frame.text) return;
    if (frame.show_alert) tell({ type: "alert", alert: frame.text });
    else if (frame.user_id === get().personId) notify(frame.text);
    else notify(t("notice.for", { name: nameOf(personOf(get().world, frame.user_id)), text: frame.text }));
  }

  function hearAction(frame) {
    const at = performance.now();
    tell({ ...frame, at });
    setTimeout(() => tell({ type: "typing over", chatId: frame.chat_id, at }), TYPING_LASTS);
  }

  function hear(frame) {
    if (WORLD_CHANGES.has(frame.type)) worldChanges += 1;
    if (frame.type === "answer") hearAnswer(frame);
    else if (frame.type === "action") hearAction(frame);
    else if (frame.type === "clock") tell({ type: "clock", offset: offsetFrom(frame.now) });
    else if (frame.type === "commands") attempt(readWorld);
    else tell(frame);
    if (frame.type === "migrated") readMessages(frame.chat.id);
    // A private chat comes into being by its first message.
    if (frame.chat_id && !get().world?.chats.some((chat) => chat.id === frame.chat_id)) attempt(readWorld);
  }

  /** Notices when updates pile up and nobody confirms them: the bot is not running. */
  function watchListener() {
    let confirmed;
    let since;
    const look = async () => {
      if (get().connection !== "open" || document.hidden) return;
      const updates = await api.updates().catch(() => null);
      if (!updates) return;
      if (!updates.pending || updates.last_confirmed !== confirmed) since = Date.now();
      confirmed = updates.last_confirmed;
      tell({ type: "waiting", waiting: Date.now() - since >= UNFETCHED_FOR ? updates.pending : 0 });
    };
    setInterval(look, WATCH_EVERY);
  }

  async function openChat(chatId) {
    // The answer that names a new group may arrive before the event that brings it.
    if (!chatOf(get().world, chatId)) await attempt(readWorld);
    tell({ type: "opened", chatId });
    keep("chat", chatId);
    if (!get().messages[chatId]) readMessages(chatId);
  }

  function become(personId) {
    tell({ type: "became", personId });
    keep("person", personId);
    openChat(get().chatId);
  }

  function openPrivate(personId) {
    const { world } = get();
    if (personId !== get().personId) become(personId);
    openChat(privateChat(world, personId).id);
  }

  const sayIn = (chatId, said) => attempt(() => api.say(chatId, { user_id: get().personId, ...said }));

  /** Says something in the open chat, in answer to what is being replied to. True when it was accepted. */
  async function say(said) {
    const { chatId, replyTo, topicId } = get();
    const answering = replyTo ? { reply_to_message_id: replyTo.message_id } : {};
    const thread = topicId ?? replyTo?.message_thread_id;
    const inTopic = thread ? { message_thread_id: thread } : {};
    tell({ type: "composed" });
    return Boolean(await sayIn(chatId, { ...answering, ...inTopic, ...said }));
  }

  async function saveEdit(text) {
    const { chatId, personId, editing } = get();
    tell({ type: "composed" });
    if (text === textOf(editing)) return true;
    return Boolean(await attempt(() => api.edit(chatId, editing.message_id, { user_id: personId, text })));
  }

  const remove = (message) => attempt(() => api.remove(message.chat.id, message.message_id, get().personId));

  const react = (message, emoji) =>
    attempt(() => api.react(message.chat.id, message.message_id, { user_id: get().personId, emoji }));

  const forward = (message) => say({ text: message.text, forward_from: { user_id: message.from.id } });

  async function press(message, button) {
    const { personId } = get();
    const { ephemeral_message_id: whisper, message_id: messageId } = message;
    const press = { userId: personId, key: keyOf(message), messageId, data: button.callback_data };
    const over = () => tell({ type: "press over", press });
    tell({ type: "pressed", press });
    setTimeout(over, PRESS_LASTS);
    const pressed = { user_id: personId, data: button.callback_data, ...(whisper ? { ephemeral_message_id: whisper } : {}) };
    const done = await attempt(() => api.press(message.chat.id, messageId, pressed));
    if (!done) over();
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      notify(t("button.copied", { text }));
    } catch {
      notify(t("button.copy_failed", { text }), "error");
    }
  }

  function showMessage(chat, messageId) {
    openChat(chat.id);
    const found = get().messages[chat.id]?.some((message) => message.message_id === messageId);
    if (found) tell({ type: "focus", key: `m${messageId}` });
    else if (messageId) notify(t("chat.gone"));
  }

  function join(chat, invite) {
    if (!chat) return notify(t("chat.gone"), "error");
    openChat(chat.id);
    const change = { user_id: get().personId, action: "join", invite_link: invite };
    return attempt(() => api.changeMember(chat.id, change));
  }

  /** Follows a link that the sandbox itself can answer; false leaves it to the browser. */
  function followLink(address) {
    const { world, personId } = get();
    const place = inSandbox(address, world);
    if (!place) return false;
    if (place.invite) join(place.chat, place.invite);
    else if (place.chat) showMessage(place.chat, place.messageId);
    else {
      openPrivate(personId);
      sayIn(get().chatId, { text: `/start ${place.start}`.trim() });
    }
    return true;
  }

  function openLink(address) {
    const safe = safeAddress(address);
    if (safe && !followLink(safe)) window.open(safe, "_blank", "noopener,noreferrer");
  }

  function pressButton(message, button) {
    if (button.callback_data !== undefined) press(message, button);
    else if (button.url) openLink(button.url);
    else if (button.copy_text) copy(button.copy_text.text);
    else notify(t("button.unsupported"));
  }

  const changeMember = (chatId, userId, action, byUserId) =>
    attempt(() => api.changeMember(chatId, { user_id: userId, action, ...(byUserId ? { by_user_id: byUserId } : {}) }));

  async function migrate(chatId) {
    if (await attempt(() => api.migrate(chatId))) notify(t("people.upgraded"));
  }

  async function foundGroup(title) {
    const chat = await attempt(() => api.foundGroup({ title, user_id: get().personId }));
    if (chat) openChat(chat.id);
    return Boolean(chat);
  }

  async function addUser(user) {
    const added = await attempt(() => api.addUser(user));
    if (added) notify(t("people.created", { name: nameOf(added) }));
    return Boolean(added);
  }

  async function advance(seconds) {
    const moved = await attempt(() => api.advance(seconds));
    if (moved) notify(t("clock.moved", { now: clockFace(new Date(moved.now), get().language) }));
  }

  async function advanceToNext() {
    const reached = await attempt(() => api.advanceToNext());
    if (!reached) return;
    const now = clockFace(new Date(reached.now), get().language);
    notify(reached.moved ? t("clock.moved", { now }) : t("clock.nothing"));
  }

  function setLanguage(language) {
    tell({ type: "language", language });
    keep("language", language);
  }

  function finishTips() {
    tell({ type: "tips read" });
    keep("tips", false);
  }

  function begin() {
    follow({ onFrame: hear, onOpen: synchronise, onLost: () => tell({ type: "connection", connection: "lost" }) });
    watchListener();
  }

  return {
    begin, openChat, openPrivate, become, say, saveEdit, remove, forward, copy, showMessage, followLink, pressButton,
    changeMember, react, migrate, foundGroup, addUser, advance, advanceToNext, setLanguage, finishTips,
    setTopic: (topicId) => tell({ type: "topic", topicId }),
    showPanel: (panel) => tell({ type: "panel", panel }),
    reply: (message) => tell({ type: "replying", message }),
    edit: (message) => tell({ type: "editing", message }),
    cancelComposing: () => tell({ type: "composed" }),
    dismiss: (id) => tell({ type: "notice over", id }),
    closeAlert: () => tell({ type: "alert", alert: null }),
    focused: () => tell({ type: "focus", key: null }),
  };
}
