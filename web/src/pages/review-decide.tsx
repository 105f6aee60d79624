// What a steward decides about a pair: one key for each, and a way back for as long as the page is open.
import { useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";
import { DecideMutation, UndoMutation, ViewerQuery } from "../documents";
import type { DecisionKind } from "../gql/graphql";
import { errorText } from "../client";
import type { Pair } from "./review";

/** Kept with every decision, so it says where the decision was made. */
const REASON = "Looked at side by side in the console";

type Done = { id: string; text: string };

/** A pair that was decided makes room for the next one; one that was taken back comes again. */
export type Settled = "decided" | "undone";

const nameOf = (of: Pair["left"]) => of?.displayName ?? "a record without a name";

const isTaken = (event: KeyboardEvent) =>
  event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]") !== null ||
  (event.target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName));

/** Whether the buttons are offered. Whether a decision is taken is for the hub to say. */
const useMayDecide = () => {
  const [viewer] = useQuery({ query: ViewerQuery });
  return viewer.data?.viewer.roles.includes("steward") ?? false;
};

export const useDecisions = (pair: Pair | undefined, settled: (what: Settled) => void) => {
  const [deciding, decide] = useMutation(DecideMutation);
  const [undoing, undo] = useMutation(UndoMutation);
  const [done, setDone] = useState<readonly Done[]>([]);
  const [said, setSaid] = useState<{ text: string; isBad?: boolean }>();
  const isBusy = deciding.fetching || undoing.fetching;
  const failed = (text: string) => setSaid({ text: `${text} Nothing was changed.`, isBad: true });

  const take = async (decision: DecisionKind) => {
    if (!pair?.leftRecord || !pair.rightRecord || isBusy) return;
    const both = `${nameOf(pair.left)} and ${nameOf(pair.right)}`;
    const input = { leftRecord: pair.leftRecord.id, rightRecord: pair.rightRecord.id, decision, reason: REASON, idempotencyKey: `${pair.id}:${decision}:${Date.now()}` };
    const { data, error } = await decide({ input });
    const refused = data?.matchDecide.userErrors.map((one) => one.message).join(" ");
    const made = data?.matchDecide.decision;
    if (error || refused || !made) { failed(error ? errorText(error) : refused || "The hub gave no answer."); return; }
    const text = decision === "LINK" ? `${both} are one customer.` : `${both} stay apart.`;
    setDone((was) => [...was, { id: made.id, text }]);
    setSaid({ text });
    settled("decided");
  };

  const back = async () => {
    const last = done[done.length - 1];
    if (!last || isBusy) return;
    const { data, error } = await undo({ input: { id: last.id, reason: "Taken back in the console" } });
    const refused = data?.decisionUndo.userErrors.map((one) => one.message).join(" ");
    if (error || refused) { failed(error ? errorText(error) : refused ?? ""); return; }
    setDone((was) => was.slice(0, -1));
    setSaid({ text: `Taken back: ${last.text}` });
    settled("undone");
  };

  return { take, back, done, said, isBusy };
};

export const Deciding = ({ pair, settled }: { pair: Pair | undefined; settled: (what: Settled) => void }) => {
  const may = useMayDecide();
  const { take, back, done, said, isBusy } = useDecisions(pair, settled);
  useEffect(() => {
    if (!may) return undefined;
    const key = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      const act = { m: () => take("LINK"), n: () => take("NEVER_LINK"), u: back }[event.key];
      if (act) { event.preventDefault(); void act(); }
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  if (!may) return null;
  const cannot = !pair?.leftRecord || !pair.rightRecord || isBusy;
  return (
    <section className="deciding" aria-label="Decide" aria-busy={isBusy}>
      <button type="button" className="button" disabled={cannot} onClick={() => void take("LINK")}>Same customer <kbd>M</kbd></button>
      <button type="button" className="button" disabled={cannot} onClick={() => void take("NEVER_LINK")}>Not the same <kbd>N</kbd></button>
      <button type="button" className="button" disabled={done.length === 0 || isBusy} onClick={() => void back()}>Undo <kbd>U</kbd></button>
      <p role={said?.isBad ? "alert" : "status"} className={said?.isBad ? "note bad" : "hint"}>{said?.text ?? ""}</p>
    </section>
  );
};
