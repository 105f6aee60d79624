// Keys of a page: they act by themselves, never while somebody types, holds a modifier, or has a dialog before them.
import { useEffect } from "react";

export const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** What each key does, by what it types. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export const useKeys = (keys: Keys) => {
  // At each render: what a key does changes with what is shown.
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
      const act = keys[event.key];
      if (act) { event.preventDefault(); act(event); }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
};
