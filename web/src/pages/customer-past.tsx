// A customer as it was: what its sources say to have held at a day, or what the hub knew then. The rights are those of today.
import { getRouteApi, Link } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { useQuery } from "urql";
import { CustomerThenQuery } from "../documents";
import type { CustomerThenQuery as ThenData } from "../gql/graphql";
import { useActions, useKeyOf } from "../ui/keys";
import { Empty, Failed, Page, Restrictions, Value, lockOf, nameOf, Waiting } from "../ui/parts";
import { dayText, plain, plural } from "../words";
import { AllValues } from "./customer-values";
import { AsOf, WORDS, type Then } from "./customer-as-of";
import { Golden } from "./customer-golden";
import { RecordList } from "./customer-records";
import type { CustomerTab } from "./customer";

const route = getRouteApi("/shell/customers/$id");
/** As many records as a page of the past shows. */
const FIRST = 50;

/** The end of that day, where the reader is; of a day that is not over, now. */
const endOf = (day: string) => new Date(Math.min(Date.parse(`${day}T23:59:59.999`), Date.now())).toISOString();

const Mark = ({ then, children }: { then: Then; children?: ReactNode }) => {
  const navigate = route.useNavigate();
  const key = useKeyOf("today");
  const back = () => void navigate({ search: ({ tab }) => (tab ? { tab } : {}) });
  useActions({ today: back });
  return (
    <div className="past-mark" role="status">
      <History aria-hidden size={17} />
      <p><strong>As of {dayText(`${then.at}T12:00:00`)}</strong>, by {WORDS[then.by]}. {children}</p>
      <button type="button" className="button small" onClick={back}>Back to today {key ? <kbd>{key}</kbd> : null}</button>
    </div>
  );
};

/** Only who somebody was is kept by time. */
const NOT_THEN: Partial<Record<CustomerTab, string>> = {
  timeline: "What happened with a customer is not kept by time: invoices, tickets and everything else of the timeline are shown today only.",
  together: "How a customer is held together, and splitting and merging it, is shown and done today only.",
  changes: "What was decided carries its own times: it is shown today, with what was taken back since.",
};

const TABS: [CustomerTab, string][] = [["timeline", "Timeline"], ["records", "Source records"], ["values", "All values"]];

export type CustomerThen = NonNullable<ThenData["customer"]>;

const Was = ({ customer, tab, then }: { customer: CustomerThen; tab: CustomerTab; then: Then }) => {
  const notThen = NOT_THEN[tab];
  const { totalCount, nodes } = customer.sourceRecords;
  const rest = (totalCount ?? 0) - nodes.length;
  return (
    <div className={tab === "timeline" ? "customer" : "customer deep"}>
      <div className="column">
        <Golden customer={customer} mayPin={false} changed={() => undefined} />
        <Restrictions of={customer.restrictions} />
      </div>
      <div className="card column-main">
        <nav className="tabs" aria-label="Parts of this customer">
          {TABS.map(([key, text]) => <Link key={key} to="/customers/$id" params={{ id: customer.id }} search={{ tab: key, at: then.at, ...(then.by === "hub" ? { by: then.by } : {}) }} {...(tab === key ? { "aria-current": "page" as const } : {})}>{text}</Link>)}
        </nav>
        {notThen ? <p className="note">{notThen}</p> : null}
        {tab === "records" ? <>{nodes.length === 0 ? <Empty>You may see none of its records.</Empty> : <RecordList of={nodes} />}{rest > 0 ? <p className="hint">The first {nodes.length} are shown; {plural(rest, "more")} were there.</p> : null}</> : null}
        {tab === "values" ? <AllValues customer={customer} /> : null}
      </div>
    </div>
  );
};

export default function CustomerPast({ id, tab, then }: { id: string; tab: CustomerTab; then: Then }) {
  const variables = useMemo(() => ({ id, first: FIRST, ...(then.by === "hub" ? { knownAt: endOf(then.at) } : { asOf: endOf(then.at) }) }), [id, then.at, then.by]);
  const [read] = useQuery({ query: CustomerThenQuery, variables, requestPolicy: "network-only" });
  const customer = read.data?.customer;
  const asOf = <AsOf then={then} />;
  if (read.error) return <Page title="Customer" actions={asOf}><Mark then={then} /><Failed error={read.error} /></Page>;
  if (read.fetching || !read.data) return <Page title="Customer" lead=" " actions={asOf}><Mark then={then} /><Waiting rows={14} /></Page>;
  if (!customer) return (
    <Page title="Not known then" lead=" " actions={asOf}>
      <Mark then={then} />
      <Empty>{then.by === "hub" ? "The hub did not know this customer on that day, or you may not see it. Its past reaches back to when the hub first read the sources." : "None of its records held on that day by the word of its source, or you may not see it."} Take a later day.</Empty>
    </Page>
  );
  return (
    <Page title={nameOf(customer)} actions={asOf} lead={<>{plain(customer.__typename ?? "")} · <Value of={customer.email} lock={lockOf(customer, "email")} /> · {plural(customer.recordCount, "record")}</>}>
      <Mark then={then} />
      <div className="past"><Was customer={customer} tab={tab} then={then} /></div>
    </Page>
  );
}
