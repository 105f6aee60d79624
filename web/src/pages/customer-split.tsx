// Splitting by ticking: what it would do is worked out by the hub and looked at first; one click takes it back as a whole.
import { useEffect, useState, type FormEvent } from "react";
import { useClient } from "urql";
import { refusalText } from "../client";
import { SplitApplyMutation, SplitPreviewQuery } from "../documents";
import type { PlanPartsFragment } from "../gql/graphql";
import { Applied } from "../ui/applied";
import { PlanView, type Preview } from "../ui/plan";
import { plural } from "../words";

export const Split = ({ customer, all, ticked, done }: { customer: string; all: number; ticked: readonly string[]; done: () => void }) => {
  const client = useClient();
  const [preview, setPreview] = useState<Preview>();
  const [plan, setPlan] = useState<PlanPartsFragment>();
  const [said, setSaid] = useState<string>();
  const [refused, setRefused] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const split = { customer, groups: [[...ticked]] };
  const key = ticked.join();
  useEffect(() => { setPreview(undefined); setRefused(undefined); }, [key]);
  const look = async () => {
    setBusy(true);
    const { data, error } = await client.query(SplitPreviewQuery, { input: split }, { requestPolicy: "network-only" }).toPromise();
    setBusy(false);
    setRefused(refusalText(error, data?.splitPreview.userErrors));
    setPreview(data?.splitPreview.preview ?? undefined);
    setPlan(undefined);
    setSaid(undefined);
  };
  const apply = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!preview) return;
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    setBusy(true);
    const input = { split, fingerprint: preview.fingerprint, reason, idempotencyKey: `split:${preview.fingerprint}:${Date.now()}` };
    const { data, error } = await client.mutation(SplitApplyMutation, { input }).toPromise();
    setBusy(false);
    const wrong = refusalText(error, data?.splitApply.userErrors);
    setRefused(wrong);
    if (wrong || !data?.splitApply.plan) return;
    setPlan(data.splitApply.plan);
    setPreview(undefined);
    done();
  };
  const can = ticked.length > 0 && ticked.length < all;
  return (
    <section className="split" aria-labelledby="split">
      <h2 id="split">Split</h2>
      <p className="hint">Tick the records that are somebody else: {ticked.length === 0 ? "none is ticked." : `${plural(ticked.length, "record")} of ${all} would move out.`} Each part gets back the id and the consents that it had.</p>
      {!preview ? <button type="button" className="button" disabled={!can || isBusy} onClick={() => void look()}>{isBusy ? "Working it out…" : "Look at the split"}</button> : null}
      {refused ? <p role="alert" className="note bad">{refused}</p> : null}
      {preview ? (
        <form className="card" onSubmit={(event) => void apply(event)}>
          <PlanView of={preview} />
          <label className="field">Why <input name="reason" className="wide" required maxLength={1000} autoComplete="off" /></label>
          <p className="row"><button type="submit" className="button first" disabled={isBusy}>{isBusy ? "Splitting…" : "Split"}</button> <button type="button" className="button" onClick={() => setPreview(undefined)}>Leave it</button></p>
        </form>
      ) : null}
      {plan ? <Applied plan={plan} text="Split into" undone={(text) => { setPlan(undefined); setSaid(text); done(); }} /> : null}
      <p role="status" className="hint">{said ?? ""}</p>
    </section>
  );
};
