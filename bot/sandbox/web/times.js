// Dates as a reader sees them: in the visitor's zone and language, relative to the sandbox's own clock.

import { tagOf } from "./texts.js";

const DAY = 86_400_000;

const made = new Map();

// Making an Intl formatter is slow and a chat asks for hundreds.
function formatter(language, options) {
  const key = language + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(tagOf(language), options));
  return made.get(key);
}

const HOUR_MINUTE = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** `14:05`. */
export const timeOf = (seconds, language) => formatter(language, HOUR_MINUTE).format(seconds * 1000);

/** `Tue 14:05`, with the date, for the header's clock. */
export const clockFace = (instant, language) =>
  formatter(language, { weekday: "short", day: "numeric", month: "short", ...HOUR_MINUTE }).format(instant);

const midnight = (instant) => new Date(instant).setHours(0, 0, 0, 0);

/** A key that is the same for messages of one local day. */
export const dayOf = (seconds) => midnight(seconds * 1000);

/** "Today", "Yesterday" or the date, for the separator between days. */
export function dayLabel(day, now, language, t) {
  const ago = Math.round((midnight(now) - day) / DAY);
  if (ago === 0) return t("day.today");
  if (ago === 1) return t("day.yesterday");
  const sameYear = new Date(day).getFullYear() === new Date(now).getFullYear();
  return formatter(language, { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) }).format(day);
}
