// What a run did, stream by stream.
import type { RunQuery } from "../gql/graphql";
import { count } from "../words";
import { RunState } from "./state";

type Run = Extract<NonNullable<RunQuery["node"]>, { __typename?: "SyncRun" }>;

export const Streams = ({ of }: { of: Run["streams"] }) => {
  if (of.length === 0) return <p className="empty">No stream has been read yet.</p>;
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label="Streams">
      <table className="streams">
        <thead><tr><th>Stream</th><th>State</th><th className="num">Read</th><th className="num">New</th><th className="num">Changed</th><th className="num">The same</th><th className="num">Gone</th><th className="num">Quarantined</th></tr></thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.stream}>
              <td><code>{one.stream}</code>{one.error ? <small className="error">{one.error}{one.errorCode ? <> <code>{one.errorCode}</code></> : null}</small> : null}</td>
              <td><RunState state={one.state} /></td>
              {[one.read, one.created, one.updated, one.unchanged, one.deleted, one.quarantined].map((n, at) => <td key={at} className="num">{count(n)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
