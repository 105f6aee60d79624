// Keys of a page: they act by themselves, never while somebody types, holds a modifier, or has a dialog before them. Everybody
// may give each another letter, or turn them off (WCAG 2.1.4); that is kept in this browser.
import { useEffect, useSyncExternalStore } from "react";

export const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** What can be done by a key, which one it is at first, and in words. */
export const ACTIONS = {
  merge: ["m", "Same customer"], apart: ["n", "Not the same"], later: ["s", "Later: look at it again tomorrow"], undo: ["u", "Undo the last decision"],
  next: ["j", "Next pair"], previous: ["k", "Previous pair"], note: ["c", "Write a note with the decision"], assign: ["a", "Assign the pair, or say when it is due"],
  why: ["w", "Why, why not"], graph: ["g", "How the customer is held together"], today: ["t", "Back from the past to today"], search: ["/", "Search"], help: ["?", "Which keys there are"],
} as const satisfies Record<string, readonly [string, string]>;
export type Action = keyof typeof ACTIONS;
export const ALL_ACTIONS = Object.keys(ACTIONS) as Action[];

export interface Kept { isOff: boolean; keys: Readonly<Record<Action, string>> }

const PLACE = "onefold.keys";
const DEFAULT = Object.fromEntries(ALL_ACTIONS.map((action) => [action, ACTIONS[action][0]])) as Record<Action, string>;

const read = (): Kept => {
  try {
    const kept = JSON.parse(localStorage.getItem(PLACE) ?? "{}") as { isOff?: unknown; keys?: Record<string, unknown> };
    const own = ALL_ACTIONS.flatMap((action) => { const key = kept.keys?.[action]; return typeof key === "string" && [...key].length === 1 ? [[action, key]] : []; });
    return { isOff: kept.isOff === true, keys: { ...DEFAULT, ...(Object.fromEntries(own) as Partial<Record<Action, string>>) } };
  } catch {
    return { isOff: false, keys: DEFAULT };
  }
};

let kept = read();
const listeners = new Set<() => void>();
export const keepKeys = (to: Kept | undefined) => {
  if (to) localStorage.setItem(PLACE, JSON.stringify(to));
  else localStorage.removeItem(PLACE);
  kept = read();
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void) => { listeners.add(listener); return () => { listeners.delete(listener); }; };
export const useKept = () => useSyncExternalStore(subscribe, () => kept);

/** The key of an action as it stands on its button; nothing where keys are off. */
export const useKeyOf = (action: Action): string | undefined => {
  const { isOff, keys } = useKept();
  return isOff ? undefined : keys[action].toUpperCase();
};

/** What each action does here. A digit is a choice on the page, and needs no letter. */
export type Acts = Readonly<Partial<Record<Action, () => void>>> & { digit?: (n: number) => void };

export const useActions = (acts: Acts) => {
  // At each render: what a key does changes with what is shown.
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // A key that is held down acts once.
      if (kept.isOff || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
      const key = event.key.toLowerCase();
      const action = ALL_ACTIONS.find((one) => kept.keys[one] === key);
      const act = action ? acts[action] : /^[1-9]$/.test(key) && acts.digit ? () => acts.digit?.(Number(key)) : undefined;
      if (act) { event.preventDefault(); act(); }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
};
