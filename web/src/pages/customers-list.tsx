// Customers as one long list: read page by page as somebody comes near the end, and drawn only where they look.
import { Link } from "@tanstack/react-router";
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { useClient, type CombinedError } from "urql";
import { CustomersQuery } from "../documents";
import type { CustomerFilterInput, CustomersQuery as CustomersData } from "../gql/graphql";
import { Failed, lockOf, nameOf, Value } from "../ui/parts";
import { useRows } from "../ui/rows";
import { ago, count, plain } from "../words";

type Customer = CustomersData["customers"]["nodes"][number];
interface Read { nodes: readonly Customer[]; total: number | undefined; after: string | undefined; hasMore: boolean }

/** The first page is what is seen at once; later ones are as large as the hub gives. */
const FIRST = 50;
const NEXT = 200;
/** So many rows before the end the next page is asked for. */
const AHEAD = 60;

export const useCustomers = (filter: CustomerFilterInput) => {
  const client = useClient();
  const [read, setRead] = useState<Read>();
  const [error, setError] = useState<CombinedError>();
  const busy = useRef<string>(undefined);
  const key = JSON.stringify(filter);
  const current = useRef(key);
  const load = useCallback(async (was: Read | undefined) => {
    const asked = `${key} ${was?.after ?? ""}`;
    if (busy.current === asked) return;
    busy.current = asked;
    const page = was?.after ? { first: NEXT, after: was.after } : { first: FIRST };
    const { data, error: wrong } = await client.query(CustomersQuery, { filter: JSON.parse(key) as CustomerFilterInput, orderBy: "NAME_ASC", ...page }, { requestPolicy: "network-only" }).toPromise();
    if (busy.current === asked) busy.current = undefined;
    // Another filter was chosen meanwhile.
    if (current.current !== key) return;
    setError(wrong);
    if (!data) return;
    const { nodes, totalCount, pageInfo } = data.customers;
    setRead({ nodes: [...(was?.nodes ?? []), ...nodes], total: totalCount ?? was?.total, after: pageInfo.endCursor ?? undefined, hasMore: pageInfo.hasNextPage });
  }, [client, key]);
  useEffect(() => { current.current = key; setRead(undefined); void load(undefined); }, [load]);
  return { read, error, more: () => { if (read?.hasMore) void load(read); } };
};

const Row = memo(({ of, at }: { of: Customer; at: number }) => (
  <tr aria-rowindex={at + 2}>
    <td><Link to="/customers/$id" params={{ id: of.id }}><bdi>{nameOf(of)}</bdi></Link></td>
    <td data-of="Kind">{plain(of.__typename ?? "")}</td>
    <td data-of="E-mail"><Value of={of.email} lock={lockOf(of, "email")} /></td>
    <td data-of="Telephone"><Value of={of.phone} lock={lockOf(of, "phone")} /></td>
    <td data-of="Records" className="num">{of.recordCount}</td>
    <td data-of="Changed">{ago(of.changedAt)}</td>
  </tr>
));

export const CustomerList = ({ read, error, more }: { read: Read; error: CombinedError | undefined; more: () => void }) => {
  const body = useRef<HTMLTableSectionElement>(null);
  const { nodes, hasMore, total } = read;
  const { from, to, above, below } = useRows(body, nodes.length);
  useEffect(() => { if (hasMore && !error && to + AHEAD >= nodes.length) more(); }, [to, nodes, hasMore, error]);
  return (
    <>
      <div className="card table-card">
        <table className="stack long" aria-rowcount={(total ?? nodes.length) + 1}>
          <thead><tr aria-rowindex={1}><th>Name</th><th>Kind</th><th>E-mail</th><th>Telephone</th><th className="num">Records</th><th>Changed</th></tr></thead>
          <tbody ref={body}>
            {above > 0 ? <tr className="room" aria-hidden style={{ height: above }} /> : null}
            {nodes.slice(from, to).map((one, index) => <Row key={one.id} of={one} at={from + index} />)}
            {below > 0 ? <tr className="room" aria-hidden style={{ height: below }} /> : null}
          </tbody>
        </table>
      </div>
      {error ? <><Failed error={error} /><button type="button" className="button" onClick={more}>Try again</button></> : null}
      <p className="hint" data-loaded={nodes.length}>{hasMore ? `${count(nodes.length)} read so far; more come as you scroll.` : `All ${count(nodes.length)} are here.`}</p>
    </>
  );
};
