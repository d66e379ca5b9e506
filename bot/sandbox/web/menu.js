// A small menu that pops up at a place: for messages, people and the composer's plus.

import { html, Icon, IconButton, useEffect, useLayoutEffect, useRef, useState } from "./view.js";

const MARGIN = 8;

/** Keeps the menu inside the window, whatever corner it was opened in. */
function usePlace(box, at) {
  useLayoutEffect(() => {
    box.current.showPopover?.(); // above everything, whatever the menu was opened in
    const { width, height } = box.current.getBoundingClientRect();
    box.current.style.left = `${Math.max(MARGIN, Math.min(at.x, innerWidth - width - MARGIN))}px`;
    box.current.style.top = `${Math.max(MARGIN, Math.min(at.y, innerHeight - height - MARGIN))}px`;
  }, [at.x, at.y]);
}

/** Focus goes into the menu and, when it closes, back to where it came from. */
function useBorrowedFocus(box) {
  useEffect(() => {
    const before = document.activeElement;
    box.current.querySelector("button")?.focus();
    return () => before?.isConnected && box.current?.contains(document.activeElement) && before.focus();
  }, []);
}

function useDismissal(box, onClose) {
  useEffect(() => {
    // The button that opened the menu closes it by itself.
    const isOurs = (target) => box.current?.contains(target) || target.closest?.('[aria-expanded="true"]');
    const outside = (event) => isOurs(event.target) || onClose();
    document.addEventListener("pointerdown", outside);
    addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", outside);
      removeEventListener("resize", onClose);
    };
  }, [onClose]);
}

function moveFocus(box, step) {
  const buttons = [...box.querySelectorAll("button")];
  const index = buttons.indexOf(document.activeElement);
  buttons[(index + step + buttons.length) % buttons.length]?.focus();
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * `items`: `{label, icon, run, danger, checked}`; those that are falsy are left out.
 * `quick`: `{label, sign, run}`, a row of signs above them.
 */
export function Menu({ at, items, quick = [], label, onClose }) {
  const box = useRef(null);
  usePlace(box, at);
  useBorrowedFocus(box);
  useDismissal(box, onClose);
  const onKeyDown = (event) => {
    if (event.key === "Escape" || event.key === "Tab") onClose();
    if (STEPS[event.key]) moveFocus(box.current, STEPS[event.key]);
    if (STEPS[event.key] || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const choose = (item) => {
    onClose();
    item.run();
  };
  return html`<div class="menu" popover="manual" role="menu" aria-label=${label} ref=${box} onKeyDown=${onKeyDown}>
    ${quick.length > 0 &&
    html`<div class="menu-quick" role="none">
      ${quick.map(
        (item) => html`<button type="button" role="menuitem" aria-label=${item.label} title=${item.label} onClick=${() => choose(item)}>
          ${item.sign}
        </button>`,
      )}
    </div>`}
    ${items.filter(Boolean).map(
      (item) => html`<button
        type="button"
        role=${item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
        aria-checked=${item.checked}
        class=${item.danger ? "danger" : ""}
        onClick=${() => choose(item)}
      >
        <${Icon} name=${item.checked ? "check" : item.icon} /><span>${item.label}</span>
      </button>`,
    )}
  </div>`;
}

/** An icon button that opens a menu beneath itself. */
export function MenuButton({ icon, label, items }) {
  const [at, setAt] = useState(null);
  const open = (event) => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    setAt(at ? null : { x: left, y: bottom + 4 });
  };
  return html`<${IconButton} icon=${icon} label=${label} onClick=${open} aria-haspopup="menu" aria-expanded=${Boolean(at)} />
    ${at && html`<${Menu} at=${at} items=${items} label=${label} onClose=${() => setAt(null)} />`}`;
}
