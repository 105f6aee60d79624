// What goes with a pair: a note for the decision, whose it is, and by when it is due.
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { refusalText } from "../client";
import { AssignMutation } from "../documents";
import { Badge } from "../ui/parts";
import { dayText, plural } from "../words";
import type { Pair } from "./review-queue";

const isLate = (due: string) => Date.parse(due) < Date.now();

export const DeskLine = ({ pair }: { pair: Pair }) => {
  const { desk } = pair;
  if (!desk) return null;
  return (
    <p className="row desk">
      {desk.assignee ? <Badge tone="busy">{desk.assignee}</Badge> : null}
      {desk.dueAt ? <Badge tone={isLate(desk.dueAt) ? "bad" : "plain"}>{isLate(desk.dueAt) ? "overdue since" : "due"} {dayText(desk.dueAt)}</Badge> : null}
      {desk.contests ? <Badge tone="warn">new facts contradict an earlier link</Badge> : null}
      {desk.openInvoices > 0 ? <Badge>{plural(desk.openInvoices, "open invoice")}</Badge> : null}
      {desk.openTickets > 0 ? <Badge>{plural(desk.openTickets, "open ticket")}</Badge> : null}
      {desk.consentConflicts > 0 ? <Badge tone="warn">{plural(desk.consentConflicts, "consent")} in conflict</Badge> : null}
    </p>
  );
};

export const Assign = ({ pair, me, known, done, close }: { pair: Pair; me: string; known: readonly string[]; done: () => void; close: () => void }) => {
  const [state, assign] = useMutation(AssignMutation);
  const [refused, setRefused] = useState<string>();
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [assignee, due] = [String(form.get("assignee")).trim(), String(form.get("due"))];
    // The end of that day, where the steward is.
    const dueAt = due ? { dueAt: new Date(`${due}T23:59:59`).toISOString() } : {};
    const { data, error } = await assign({ input: { ids: [pair.id], ...(assignee ? { assignee, ...dueAt } : {}) } });
    const wrong = refusalText(error, data?.candidateAssign.userErrors);
    setRefused(wrong);
    if (!wrong) { done(); close(); }
  };
  return (
    <form className="card desk-form" aria-label="Assign this pair" onSubmit={(event) => void send(event)} onKeyDown={(event) => { if (event.key === "Escape") close(); }}>
      <label className="field">Whose it is <input name="assignee" autoFocus autoComplete="off" spellCheck={false} list="known-stewards" defaultValue={pair.desk?.assignee ?? me} /></label>
      <datalist id="known-stewards">{known.map((one) => <option key={one} value={one} />)}</datalist>
      <label className="field">Due <input name="due" type="date" defaultValue={pair.desk?.dueAt?.slice(0, 10) ?? ""} /></label>
      <button type="submit" className="button" disabled={state.fetching}>Assign</button>
      <button type="button" className="button" onClick={close}>Cancel</button>
      <p className="hint whole">Without a name it is nobody's.</p>
      {refused ? <p role="alert" className="note bad whole">{refused}</p> : null}
    </form>
  );
};
