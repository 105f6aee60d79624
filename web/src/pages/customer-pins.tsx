// What stewards hold fast of a customer, whatever the rules would choose, and taking it back.
import { useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { refusalText } from "../client";
import { PinMutation, PinsQuery } from "../documents";
import { Failed } from "../ui/parts";
import { UndoButton } from "../ui/undo";
import { dayText, fieldName, timeText } from "../words";

export const UseThis = ({ path, record, text, changed }: { path: string; record: string; text: string; changed: () => void }) => {
  const [isAsking, setAsking] = useState(false);
  const [state, pin] = useMutation(PinMutation);
  const [refused, setRefused] = useState<string>();
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [reason, until] = [String(form.get("reason")).trim(), String(form.get("until"))];
    const input = { path, record, reason, idempotencyKey: `pin:${record}:${path}:${Date.now()}`, ...(until ? { until: new Date(`${until}T23:59:59`).toISOString() } : {}) };
    const { data, error } = await pin({ input });
    const wrong = refusalText(error, data?.valuePin.userErrors);
    setRefused(wrong);
    if (!wrong) { setAsking(false); changed(); }
  };
  if (!isAsking) return <button type="button" className="button small" onClick={() => setAsking(true)} aria-label={`Use this ${fieldName(path)}: ${text}`}>Use this</button>;
  return (
    <form className="note" aria-label={`Use ${text}`} onSubmit={(event) => void send(event)}>
      <label className="field">Why <input name="reason" required autoFocus maxLength={1000} autoComplete="off" /></label>
      <label className="field">Until <input name="until" type="date" /> <small>for ever without a day</small></label>
      <p className="row"><button type="submit" className="button small" disabled={state.fetching}>Hold it fast</button> <button type="button" className="button small" onClick={() => setAsking(false)}>Leave it</button></p>
      {refused ? <p role="alert" className="note bad">{refused}</p> : null}
    </form>
  );
};

/** What stands, and what was taken back. */
export const usePins = (customer: string, may: boolean) => useQuery({ query: PinsQuery, variables: { customer }, pause: !may });

export const Pins = ({ of, changed }: { of: ReturnType<typeof usePins>[0]; changed: () => void }) => {
  const [said, setSaid] = useState("");
  const standing = of.data?.valuePins.filter((pin) => !pin.undoneAt) ?? [];
  if (of.error) return <Failed error={of.error} />;
  if (standing.length === 0) return said ? <p role="status" className="hint">{said}</p> : null;
  return (
    <section className="card" aria-labelledby="pins">
      <h2 id="pins">Held fast</h2>
      <ul className="lines history">
        {standing.map((pin) => (
          <li key={pin.id}>
            <span className="what">{fieldName(pin.path)} as {pin.sourceRecord?.source?.title ?? "a source"} says it
              <small className="under">{timeText(pin.madeAt)} by {pin.by}{pin.expiresAt ? `, until ${dayText(pin.expiresAt)}` : ""} · <bdi>{pin.reason}</bdi></small></span>
            <UndoButton what="pin" id={pin.id} about={fieldName(pin.path)} done={(text) => { setSaid(text); changed(); }} />
          </li>
        ))}
      </ul>
      <p role="status" className="hint">{said}</p>
    </section>
  );
};
