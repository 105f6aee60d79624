// Merging with any other customer: what it would do is worked out by the hub and looked at first; one click takes it back.
import { useState, type FormEvent } from "react";
import { useClient, useQuery } from "urql";
import { refusalText } from "../client";
import { MergeApplyMutation, MergePreviewQuery, SearchQuery } from "../documents";
import type { PlanPartsFragment } from "../gql/graphql";
import { Applied } from "../ui/applied";
import { PlanView, type Preview } from "../ui/plan";
import { foundBy } from "../words";

export const Merge = ({ customer, done }: { customer: string; done: () => void }) => {
  const client = useClient();
  const [text, setText] = useState("");
  const [preview, setPreview] = useState<Preview>();
  const [customers, setCustomers] = useState<string[]>([]);
  const [plan, setPlan] = useState<PlanPartsFragment>();
  const [said, setSaid] = useState("");
  const [refused, setRefused] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const isEnough = (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= 2;
  const [found] = useQuery({ query: SearchQuery, variables: { text }, pause: !isEnough });
  const hits = isEnough ? (found.data?.search ?? []).filter((hit) => hit.customer.id !== customer).slice(0, 6) : [];

  const look = async (other: string) => {
    const both = [customer, other];
    setBusy(true);
    const { data, error } = await client.query(MergePreviewQuery, { customers: both }, { requestPolicy: "network-only" }).toPromise();
    setBusy(false);
    setCustomers(both);
    setRefused(refusalText(error, data?.mergePreview.userErrors));
    setPreview(data?.mergePreview.preview ?? undefined);
    setPlan(undefined);
    setSaid("");
  };
  const apply = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!preview) return;
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    setBusy(true);
    const input = { merge: { customers }, fingerprint: preview.fingerprint, reason, idempotencyKey: `merge:${preview.fingerprint}:${Date.now()}` };
    const { data, error } = await client.mutation(MergeApplyMutation, { input }).toPromise();
    setBusy(false);
    const wrong = refusalText(error, data?.mergeApply.userErrors);
    setRefused(wrong);
    if (wrong || !data?.mergeApply.plan) return;
    setPlan(data.mergeApply.plan);
    setPreview(undefined);
    setText("");
    done();
  };
  return (
    <section className="split" aria-labelledby="merge">
      <h2 id="merge">Merge</h2>
      <label className="field">With another customer <input type="search" className="wide" placeholder="name, e-mail address, number" value={text} onChange={(event) => { setText(event.target.value); setPreview(undefined); }} /></label>
      {hits.length > 0 && !preview ? (
        <ul className="lines" aria-label="Found customers">{hits.map((hit) => (
          <li key={hit.customer.id}><span><bdi>{hit.customer.displayName ?? "Without a name"}</bdi> <small>{foundBy(hit)} “{hit.matchedText}”</small></span><button type="button" className="button small" disabled={isBusy} onClick={() => void look(hit.customer.id)}>Look at the merge</button></li>
        ))}</ul>
      ) : null}
      {refused ? <p role="alert" className="note bad">{refused}</p> : null}
      {preview ? (
        <form className="card" onSubmit={(event) => void apply(event)}>
          <PlanView of={preview} />
          <label className="field">Why <input name="reason" className="wide" required={preview.needsReason} maxLength={1000} autoComplete="off" /></label>
          <p className="row"><button type="submit" className="button first" disabled={isBusy}>{isBusy ? "Merging…" : "Merge"}</button> <button type="button" className="button" onClick={() => setPreview(undefined)}>Leave it</button></p>
        </form>
      ) : null}
      {plan ? <Applied plan={plan} text="Merged into" undone={(what) => { setPlan(undefined); setSaid(what); done(); }} /> : null}
      <p role="status" className="hint">{said}</p>
    </section>
  );
};
