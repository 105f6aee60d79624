// What a steward decides about a pair: one key for each, and a way back for ever.
import { useEffect, useRef, useState, type RefObject } from "react";
import { useQuery } from "urql";
import { ViewerQuery } from "../documents";
import type { DecisionKind } from "../gql/graphql";
import { useActions, useKeyOf, type Action } from "../ui/keys";
import { count } from "../words";
import { Assign } from "./review-desk";
import type { Pair, Queue } from "./review-queue";

/** Kept with every decision that has no note, so it says where the decision was made. */
const REASON = "Looked at side by side in the console";

/** Who asks, and whether they are offered to decide. Whether a decision is taken is for the hub to say. */
export const useSteward = () => {
  const [viewer] = useQuery({ query: ViewerQuery });
  const who = viewer.data?.viewer;
  return { me: who?.subject, may: who?.roles.includes("steward") ?? false };
};

export const KeyButton = ({ action, text, act, disabled, main }: { action: Action; text: string; act: () => void; disabled?: boolean; main?: true }) => {
  const key = useKeyOf(action);
  return <button type="button" className={main ? "button first" : "button"} disabled={disabled} onClick={act}>{text} {key ? <kbd>{key}</kbd> : null}</button>;
};

interface Props { pair: Pair | undefined; queue: Queue; me: string; isTaken: boolean; pins: readonly { path: string; record: string }[]; writes: RefObject<boolean> }

/** What a steward does with a pair. `writes` says whether something is being written, which no other pair may take away. */
export const Deciding = ({ pair, queue, me, isTaken, pins, writes }: Props) => {
  const [note, setNote] = useState("");
  const [open, setOpen] = useState<"note" | "assign">();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    writes.current = open !== undefined;
    if (open === "note") field.current?.focus();
  }, [open, writes]);
  const cannot = !pair?.leftRecord || !pair.rightRecord || isTaken;
  const take = (kind: DecisionKind) => {
    if (cannot) return;
    queue.decide(pair, { kind, reason: note.trim() || REASON, pins: kind === "LINK" ? pins : [] });
    setNote("");
    setOpen(undefined);
  };
  const toggle = (what: "note" | "assign") => setOpen((was) => (was === what ? undefined : what));
  useActions({
    merge: () => take("LINK"), apart: () => take("NEVER_LINK"), later: () => take("LATER"), undo: queue.undo,
    note: () => toggle("note"), assign: () => { if (pair) toggle("assign"); },
  });
  const { said, waiting, decided } = queue;
  return (
    <section className="deciding" aria-label="Decide">
      <div className="row">
        <KeyButton main action="merge" text="Same customer" disabled={cannot} act={() => take("LINK")} />
        <KeyButton action="apart" text="Not the same" disabled={cannot} act={() => take("NEVER_LINK")} />
        <KeyButton action="later" text="Later" disabled={cannot} act={() => take("LATER")} />
        <KeyButton action="note" text="Note" disabled={!pair} act={() => toggle("note")} />
        <KeyButton action="assign" text="Assign" disabled={!pair} act={() => toggle("assign")} />
        <KeyButton action="undo" text="Undo" disabled={!queue.canUndo} act={queue.undo} />
      </div>
      <p role={said?.isBad ? "alert" : "status"} className={said?.isBad ? "note bad" : "hint said"}>{said?.text ?? ""}</p>
      <small className="pace">{decided > 0 ? `${count(decided)} decided` : ""}{waiting > 0 ? ` · ${count(waiting)} being saved` : ""}</small>
      {open === "note" ? <label className="field whole">Note, kept with the decision <input ref={field} className="wide" maxLength={1000} value={note} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => { if (event.key === "Escape" || event.key === "Enter") { event.currentTarget.blur(); if (!note.trim()) setOpen(undefined); } }} /></label> : null}
      {open === "assign" && pair ? <Assign key={pair.id} pair={pair} me={me} known={[...new Set([me, ...queue.pairs.flatMap((one) => one.desk?.assignee ?? [])])]} done={() => void queue.refresh()} close={() => setOpen(undefined)} /> : null}
    </section>
  );
};
