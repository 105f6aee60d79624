// The records of the departments that this customer is made of, word for word.
import { useState } from "react";
import { useQuery } from "urql";
import { RecordsQuery } from "../documents";
import type { RecordRowsFragment } from "../gql/graphql";
import { Badge, Empty, Failed, Json, Restrictions, Waiting } from "../ui/parts";
import { plain, plural, timeText } from "../words";

const STEP = 50;

export const RecordList = ({ of }: { of: RecordRowsFragment["nodes"] }) => (
  <ul className="records">
    {of.map((record) => (
      <li key={record.id}>
        <details>
          <summary>
            <Badge>{record.source?.title ?? "A source"}</Badge> {plain(record.kind)} <code>{record.externalId ?? ""}</code>
            {record.deletedAtSource ? <Badge tone="warn">gone at the source</Badge> : null}
            <small>version {record.version}{record.receivedAt ? `, received ${timeText(record.receivedAt)}` : ""}</small>
          </summary>
          {record.raw === null || record.raw === undefined ? <p className="empty">The payload is not shown to you.</p> : <Json of={record.raw} />}
          <Restrictions of={record.restrictions} />
        </details>
      </li>
    ))}
  </ul>
);

export const Records = ({ id }: { id: string }) => {
  const [first, setFirst] = useState(STEP);
  const [list] = useQuery({ query: RecordsQuery, variables: { id, first } });
  const found = list.data?.customer?.sourceRecords;
  if (list.error && !found) return <Failed error={list.error} />;
  if (!found) return <Waiting rows={8} />;
  if (found.nodes.length === 0) return <Empty>You may see none of its records.</Empty>;
  const rest = (found.totalCount ?? 0) - found.nodes.length;
  return (
    <>
      <RecordList of={found.nodes} />
      {rest > 0 && first < 200 ? <button type="button" className="button" onClick={() => setFirst(Math.min(200, first + STEP))}>Show more</button> : null}
      {rest > 0 && first >= 200 ? <p className="hint">The first 200 are shown; {plural(rest, "more")} are there.</p> : null}
    </>
  );
};
