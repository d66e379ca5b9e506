// Which of the bot's commands a person sees in a chat: Telegram's own order of scopes, nearest first.

import { isPrivate, isStaff, statusOf } from "./model.js";

const CHECK_IN = "签到";
const FAVOURITES = ["checkin", "me", "top", "help"];
const MOST_SUGGESTIONS = 8;

function scopesFor(chat, personId) {
  if (isPrivate(chat)) {
    return [{ type: "chat", chat_id: chat.id }, { type: "all_private_chats" }, { type: "default" }];
  }
  const forStaff = isStaff(statusOf(chat, personId));
  return [
    { type: "chat_member", chat_id: chat.id, user_id: personId },
    ...(forStaff ? [{ type: "chat_administrators", chat_id: chat.id }] : []),
    { type: "chat", chat_id: chat.id },
    ...(forStaff ? [{ type: "all_chat_administrators" }] : []),
    { type: "all_group_chats" },
    { type: "default" },
  ];
}

const sameScope = (wanted, scope = { type: "default" }) =>
  Object.entries(wanted).every(([field, value]) => String(scope[field]) === String(value));

/** The list a person gets: the nearest scope that has one, in their language before the common one. */
export function commandsFor(registered, chat, person) {
  const language = (person.language_code ?? "").slice(0, 2).toLowerCase();
  for (const scope of scopesFor(chat, person.id)) {
    const sets = registered.filter((set) => sameScope(scope, set.scope) && set.commands.length);
    const set = sets.find((one) => language && one.language_code === language) ?? sets.find((one) => !one.language_code);
    if (set) return set.commands;
  }
  return [];
}

/** What the chips under the input offer: a check-in, then the commands a newcomer wants first. */
export function suggestions(commands) {
  const rank = (command) => (FAVOURITES.indexOf(command.command) + 1 || FAVOURITES.length + 1);
  const ordered = [...commands].sort((one, other) => rank(one) - rank(other));
  return [CHECK_IN, ...ordered.slice(0, MOST_SUGGESTIONS - 1).map((command) => `/${command.command}`)];
}

/** The commands that fit what has been typed so far; null when no command is being typed. */
export function matching(commands, typed) {
  const found = /^\/(\w*)$/.exec(typed);
  return found && commands.filter((command) => command.command.startsWith(found[1].toLowerCase()));
}
