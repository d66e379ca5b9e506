// What the browser remembers between visits. Storage may be switched off; the page then simply forgets.

const PREFIX = "hearth.";

/** A remembered value, or undefined. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a value. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A private window: nothing is kept, nothing breaks.
  }
}
