// Whatever was decided can be taken back where it is shown.
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { useClient, type CombinedError } from "urql";
import { refusalText } from "../client";
import { DiscardUndoMutation, PlanUndoMutation, UndoMutation, UnpinMutation } from "../documents";
import { plural } from "../words";

export type Undoable = "decision" | "plan" | "pin" | "discard";

interface Outcome { refused: string | undefined; text: string }
type Errors = readonly { message: string }[] | undefined;

/** Takes one thing back, and says what came of it. */
export const useUndo = () => {
  const client = useClient();
  return async (what: Undoable, id: string): Promise<Outcome> => {
    const input = { id, reason: "Taken back in the console" };
    const said = (error: CombinedError | undefined, errors: Errors, text = "Taken back."): Outcome => ({ refused: refusalText(error, errors), text });
    if (what === "decision") { const { data, error } = await client.mutation(UndoMutation, { input }).toPromise(); return said(error, data?.decisionUndo.userErrors); }
    if (what === "plan") { const { data, error } = await client.mutation(PlanUndoMutation, { input }).toPromise(); return said(error, data?.planUndo.userErrors); }
    if (what === "pin") { const { data, error } = await client.mutation(UnpinMutation, { input }).toPromise(); return said(error, data?.valueUnpin.userErrors); }
    const { data, error } = await client.mutation(DiscardUndoMutation, { input }).toPromise();
    return said(error, data?.quarantineDiscardUndo.userErrors, `Taken back: ${plural(data?.quarantineDiscardUndo.waitingAgain ?? 0, "payload waits", "payloads wait")} again.`);
  };
};

export const UndoButton = ({ what, id, about, done }: { what: Undoable; id: string; about: string; done: (text: string) => void }) => {
  const undo = useUndo();
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const press = async () => {
    setBusy(true);
    const outcome = await undo(what, id);
    setBusy(false);
    setRefused(outcome.refused);
    if (!outcome.refused) done(outcome.text);
  };
  return (
    <>
      <button type="button" className="button small" disabled={isBusy} onClick={() => void press()} aria-label={`Undo: ${about}`}><Undo2 aria-hidden size={14} /> Undo</button>
      {refused ? <span role="alert" className="note bad">{refused}</span> : null}
    </>
  );
};
