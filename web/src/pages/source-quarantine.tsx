// Payloads that did not fit: why, where, the payload itself, and another try once the cause is gone.
import { getRouteApi } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { useMutation, useQuery } from "urql";
import { refusalText } from "../client";
import { DiscardsQuery, GroupsQuery, QuarantineQuery, RetryMutation } from "../documents";
import { Badge, Empty, Failed, Json, Waiting } from "../ui/parts";
import { count, plural, timeText } from "../words";
import { DISCARDS, Groups } from "./source-groups";

const route = getRouteApi("/shell/sources/$key");
const STEP = 25;

const Retry = ({ source, done }: { source: string; done: () => void }) => {
  const [state, retry] = useMutation(RetryMutation);
  const result = state.data?.quarantineRetry;
  const refused = refusalText(state.error, result?.userErrors);
  return (
    <>
      <button type="button" className="button" disabled={state.fetching} onClick={() => void retry({ source }).then(done)}><RotateCcw aria-hidden size={15} /> {state.fetching ? "Trying…" : "Try all again"}</button>
      <p role="status" className="hint">{result && !refused ? `${plural(result.resolved, "payload fits", "payloads fit")} now; ${count(result.unfit)} still did not fit; ${count(result.left)} can only be delivered again by their sender.` : ""}</p>
      {refused ? <p role="alert" className="note bad">{refused}</p> : null}
    </>
  );
};

export const Quarantine = ({ source, code, mayRetry, children }: { source: string; code: string | undefined; mayRetry: boolean; children: ReactNode }) => {
  const navigate = route.useNavigate();
  const [first, setFirst] = useState(STEP);
  const [list, again] = useQuery({ query: QuarantineQuery, variables: { source, first, ...(code ? { code } : {}) } });
  const [groups] = useQuery({ query: GroupsQuery, variables: { source } });
  const [discards] = useQuery({ query: DiscardsQuery, variables: { source, first: DISCARDS } });
  // All parts come at once, and what is below them after that, so that nothing jumps.
  const isRead = [groups, discards].every((one) => one.data || one.error);
  const found = isRead ? list.data?.quarantine : undefined;
  const wasRead = useRef(false);
  if (found || list.error) wasRead.current = true;
  const filter = (to: string | undefined) => void navigate({ search: ({ run }) => ({ ...(run ? { run } : {}), ...(to ? { code: to } : {}) }), replace: true });
  const hasMore = (found?.totalCount ?? 0) > (found?.nodes.length ?? 0);
  return (
    <>
      <section className="card" aria-labelledby="quarantine">
        <h2 id="quarantine">Quarantine {typeof found?.totalCount === "number" ? <small>{count(found.totalCount)}</small> : null}</h2>
        <p className="hint">Payloads that did not fit. They are kept and hold nothing else up. Once the value is corrected in the system, the next sync resolves it; after a better field map of the connector, try again here.</p>
        {wasRead.current ? <Groups source={source} may={mayRetry} code={code} narrow={(to) => filter(code === to ? undefined : to)} changed={() => again({ requestPolicy: "network-only" })} /> : null}
        {found && found.nodes.length > 0 ? <h3>Payload by payload</h3> : null}
        {code ? <p className="row">Only <Badge>{code}</Badge> <button type="button" className="button small" onClick={() => filter(undefined)}>Show all</button></p> : null}
        {list.error ? <Failed error={list.error} /> : null}
        {!found && !list.error ? <Waiting rows={16} /> : null}
        {found?.nodes.length === 0 ? <Empty>Nothing that you may see is in quarantine.</Empty> : null}
        {found && found.nodes.length > 0 && mayRetry ? <Retry source={source} done={() => again({ requestPolicy: "network-only" })} /> : null}
        <ul className="records">
          {found?.nodes.map((one) => (
            <li key={one.id}>
              <details>
                <summary>
                  <Badge tone="warn">{one.code ?? "does not fit"}</Badge> <code>{one.stream}</code> <code>{one.externalId ?? ""}</code> <bdi>{one.message ?? "The message is not shown to you."}</bdi>
                  <small>seen {plural(one.times, "time")}, first {timeText(one.firstSeenAt)}, last {timeText(one.lastSeenAt)}</small>
                </summary>
                {one.place ? <p>At <code>{one.place}</code></p> : null}
                {one.raw === null || one.raw === undefined ? <Empty>The payload is not shown to you.</Empty> : <Json of={one.raw} />}
              </details>
            </li>
          ))}
        </ul>
        {hasMore && first < 200 ? <button type="button" className="button" onClick={() => setFirst(Math.min(200, first + STEP))}>Show more</button> : null}
      </section>
      {wasRead.current ? children : null}
    </>
  );
};
