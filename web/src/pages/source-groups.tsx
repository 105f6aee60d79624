// What waits in quarantine, by its cause: an example of each, another try, and discarding with a reason that can be taken back.
import { RotateCcw, Trash2 } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useClient, useQuery } from "urql";
import { refusalText } from "../client";
import { DiscardMutation, DiscardsQuery, GroupsQuery, RetryMutation } from "../documents";
import type { QuarantineGroupsQuery } from "../gql/graphql";
import { Badge, Failed, Json } from "../ui/parts";
import { ago, count, fieldName, plural, timeText } from "../words";
import { DiscardLine } from "./history";

type Group = QuarantineGroupsQuery["quarantineGroups"]["nodes"][number];
/** So many of what was discarded are told here; History tells all. */
export const DISCARDS = 20;
interface Said { text: string; isBad: boolean }

const causeOf = ({ code, stream, path }: Group) => ({ code, stream, ...(path ? { path } : {}) });

const GroupLine = ({ of, source, may, isNarrowed, narrow, changed }: { of: Group; source: string; may: boolean; isNarrowed: boolean; narrow: (code: string) => void; changed: (said: Said) => void }) => {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const retry = async () => {
    setBusy(true);
    const { data, error } = await client.mutation(RetryMutation, { source, cause: causeOf(of) }).toPromise();
    setBusy(false);
    const refused = refusalText(error, data?.quarantineRetry.userErrors);
    const result = data?.quarantineRetry;
    changed(refused || !result ? { text: refused ?? "The hub gave no answer.", isBad: true }
      : { text: `${plural(result.resolved, "payload fits", "payloads fit")} now; ${count(result.unfit)} still did not fit; ${count(result.left)} can only be delivered again by their sender.`, isBad: false });
  };
  const discard = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    setBusy(true);
    const input = { source, cause: causeOf(of), reason, upTo: of.lastSeenAt, idempotencyKey: `discard:${source}:${of.stream}:${of.code}:${of.path ?? ""}:${of.lastSeenAt}:${Date.now()}` };
    const { data, error } = await client.mutation(DiscardMutation, { input }).toPromise();
    setBusy(false);
    const refused = refusalText(error, data?.quarantineDiscard.userErrors);
    if (!refused) setAsking(false);
    changed(refused ? { text: refused, isBad: true } : { text: `${plural(data?.quarantineDiscard.discard?.payloads ?? 0, "payload")} discarded. They are kept, and can be brought back below.`, isBad: false });
  };
  const { example } = of;
  return (
    <li>
      <details>
        <summary>
          <Badge tone="warn">{count(of.payloads)}</Badge> <strong>{of.code}</strong> in <code>{of.stream}</code>{of.path ? <> · {fieldName(of.path)}</> : null}
          <small>{example?.message ? <><bdi>{example.message}</bdi> · </> : null}first {timeText(of.firstSeenAt)}, last {ago(of.lastSeenAt)}, came {plural(of.deliveries, "time")}</small>
        </summary>
        {example?.place ? <p>At <code>{example.place}</code>{example.externalId ? <> of <code>{example.externalId}</code></> : null}, for example:</p> : null}
        {example?.raw === null || example?.raw === undefined ? <p className="empty">The payload is not shown to you.</p> : <Json of={example.raw} />}
      </details>
      <p className="row">
        {may ? <button type="button" className="button small" disabled={isBusy} onClick={() => void retry()} aria-label={`Try again: ${of.code} in ${of.stream}`}><RotateCcw aria-hidden size={14} /> Try again</button> : null}
        {may ? <button type="button" className="button small" disabled={isBusy} aria-expanded={isAsking} onClick={() => setAsking(!isAsking)} aria-label={`Discard: ${of.code} in ${of.stream}`}><Trash2 aria-hidden size={14} /> Discard…</button> : null}
        <button type="button" className="button small" aria-pressed={isNarrowed} onClick={() => narrow(of.code)} aria-label={`Only this cause: ${of.code}`}>Only this cause</button>
      </p>
      {isAsking ? (
        <form className="note" onSubmit={(event) => void discard(event)}>
          <label className="field">Why these {plural(of.payloads, "payload")} are not to be taken <input name="reason" className="wide" required autoFocus maxLength={1000} autoComplete="off" /></label>
          <p className="row"><button type="submit" className="button small" disabled={isBusy}>Discard {plural(of.payloads, "payload")}</button> <button type="button" className="button small" onClick={() => setAsking(false)}>Leave them</button></p>
        </form>
      ) : null}
    </li>
  );
};

export const Groups = ({ source, may, code, narrow, changed }: { source: string; may: boolean; code: string | undefined; narrow: (code: string) => void; changed: () => void }) => {
  const [list, again] = useQuery({ query: GroupsQuery, variables: { source } });
  const [thrown, thrownAgain] = useQuery({ query: DiscardsQuery, variables: { source, first: DISCARDS } });
  const [said, setSaid] = useState<Said>();
  const groups = list.data?.quarantineGroups.nodes ?? [];
  const discards = thrown.data?.quarantineDiscards.nodes.filter((one) => !one.undoneAt) ?? [];
  const after = (what: Said) => { setSaid(what); again({ requestPolicy: "network-only" }); thrownAgain({ requestPolicy: "network-only" }); changed(); };
  return (
    <>
      {list.error ? <Failed error={list.error} /> : null}
      <p role={said?.isBad ? "alert" : "status"} className={said?.isBad ? "note bad" : "hint"}>{said?.text ?? ""}</p>
      {groups.length > 0 ? (
        <section aria-labelledby="causes">
          <h3 id="causes">By cause</h3>
          <ul className="records groups">{groups.map((group) => <GroupLine key={`${group.stream}${group.code}${group.path ?? ""}`} of={group} source={source} may={may} isNarrowed={code === group.code} narrow={narrow} changed={after} />)}</ul>
        </section>
      ) : null}
      {discards.length > 0 ? (
        <section aria-labelledby="discarded">
          <h3 id="discarded">Discarded</h3>
          <ul className="lines history">{discards.map((one) => <DiscardLine key={one.id} of={one} done={(text) => after({ text, isBad: false })} />)}</ul>
        </section>
      ) : null}
    </>
  );
};
