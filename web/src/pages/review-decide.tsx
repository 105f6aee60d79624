// What a steward decides about a pair: one key for each, and a way back for as long as the page is open.
import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { DecideMutation, UndoMutation, ViewerQuery } from "../documents";
import type { DecisionKind } from "../gql/graphql";
import { refusalText } from "../client";
import { useKeys } from "../ui/keys";
import type { Pair } from "./review";

/** Kept with every decision, so it says where the decision was made. */
const REASON = "Looked at side by side in the console";

type Done = { id: string; text: string };

/** A pair that was decided makes room for the next one; one that was taken back comes again. */
export type Settled = "decided" | "undone";

const nameOf = (of: Pair["left"]) => of?.displayName ?? "a record without a name";

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
    const refused = refusalText(error, data?.matchDecide.userErrors);
    const made = data?.matchDecide.decision;
    if (refused || !made) { failed(refused ?? "The hub gave no answer."); return; }
    const text = decision === "LINK" ? `${both} are one customer.` : `${both} stay apart.`;
    setDone((was) => [...was, { id: made.id, text }]);
    setSaid({ text });
    settled("decided");
  };

  const back = async () => {
    const last = done[done.length - 1];
    if (!last || isBusy) return;
    const { data, error } = await undo({ input: { id: last.id, reason: "Taken back in the console" } });
    const refused = refusalText(error, data?.decisionUndo.userErrors);
    if (refused) { failed(refused); return; }
    setDone((was) => was.slice(0, -1));
    setSaid({ text: `Taken back: ${last.text}` });
    settled("undone");
  };

  return { take, back, done, said, isBusy };
};

export const Deciding = ({ pair, settled }: { pair: Pair | undefined; settled: (what: Settled) => void }) => {
  const may = useMayDecide();
  const { take, back, done, said, isBusy } = useDecisions(pair, settled);
  // A key that is held down decides once.
  const once = (act: () => Promise<void>) => (event: KeyboardEvent) => { if (!event.repeat) void act(); };
  useKeys(may ? { m: once(() => take("LINK")), n: once(() => take("NEVER_LINK")), u: once(back) } : {});
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
