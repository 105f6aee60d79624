// Customer 360: the golden values with everything that was said, what happened, and the records that it is made of.
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useQuery } from "urql";
import { CustomerQuery, DuplicatesQuery } from "../documents";
import type { CustomerPartsFragment, CustomerQuery as CustomerData } from "../gql/graphql";
import { Badge, Empty, Failed, lockOf, nameOf, Page, Restrictions, Value, Waiting } from "../ui/parts";
import { AllValues } from "./customer-values";
import { Golden } from "./customer-golden";
import { AsOf, thenOf } from "./customer-as-of";
import { Pins, usePins } from "./customer-pins";
import { Records } from "./customer-records";
import { Timeline } from "./customer-timeline";
import { ago, percent, plain, plural } from "../words";
import { useSteward } from "./review-decide";

const Together = lazy(() => import("./customer-together"));
const Changes = lazy(() => import("./customer-changes"));
const Past = lazy(() => import("./customer-past"));

export type CustomerTab = "timeline" | "records" | "values" | "together" | "changes";
/** Now or at a time. */
export type Customer = CustomerPartsFragment;
type CustomerNow = NonNullable<CustomerData["customer"]>;

const route = getRouteApi("/shell/customers/$id");
const TABS: [CustomerTab, string][] = [["timeline", "Timeline"], ["records", "Source records"], ["values", "All values"]];
/** For those who review. */
const STEWARD_TABS: [CustomerTab, string][] = [["together", "Held together"], ["changes", "Changes"]];

const Duplicates = ({ id }: { id: string }) => {
  const [list] = useQuery({ query: DuplicatesQuery, variables: { id } });
  const pairs = list.data?.customer?.matchCandidates ?? [];
  if (pairs.length === 0) return null;
  return (
    <section className="card" aria-labelledby="duplicates">
      <h2 id="duplicates">Possible duplicates</h2>
      <ul className="lines">
        {pairs.map((pair) => {
          const other = pair.left?.id === id ? pair.right : pair.left;
          return (
            <li key={pair.id}>
              <Link to="/review" search={{ pair: pair.id }}><bdi>{other?.displayName ?? "Without a name"}</bdi></Link>
              <Badge>{percent(pair.probability)}</Badge>
              {pair.sentence ? <small className="whole">{pair.sentence}</small> : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
};

const Known = ({ customer, tab, again }: { customer: CustomerNow; tab: CustomerTab; again: () => void }) => {
  const { may } = useSteward();
  const [pins, pinsAgain] = usePins(customer.id, may);
  const changed = () => { again(); pinsAgain({ requestPolicy: "network-only" }); };
  return (
    <div className={tab === "timeline" ? "customer" : "customer deep"}>
      <div className="column">
        <Golden customer={customer} mayPin={may} changed={changed} />
        {may ? <Pins of={pins} changed={changed} /> : null}
        <Duplicates id={customer.id} />
        <Restrictions of={customer.restrictions} />
      </div>
      <div className="card column-main">
        <nav className="tabs" aria-label="Parts of this customer">
          {[...TABS, ...(may ? STEWARD_TABS : [])].map(([key, text]) => <Link key={key} to="/customers/$id" params={{ id: customer.id }} search={{ tab: key }} {...(tab === key ? { "aria-current": "page" as const } : {})}>{text}</Link>)}
        </nav>
        {tab === "timeline" ? <Timeline id={customer.id} withheld={customer.restrictions} /> : null}
        {tab === "records" ? <Records id={customer.id} /> : null}
        {tab === "values" ? <AllValues customer={customer} consents={customer.effectiveConsents ?? []} /> : null}
        <Suspense fallback={<Waiting rows={8} />}>
          {tab === "together" ? <Together id={customer.id} /> : null}
          {tab === "changes" ? <Changes customer={customer} changed={changed} /> : null}
        </Suspense>
      </div>
    </div>
  );
};

export const CustomerPage = () => {
  const { id } = route.useParams();
  const { tab = "timeline", ...search } = route.useSearch();
  const then = thenOf(search);
  if (then) return <Suspense fallback={<Page title="Customer" lead=" "><Waiting rows={14} /></Page>}><Past id={id} tab={tab} then={then} /></Suspense>;
  return <Today id={id} tab={tab} />;
};

const Today = ({ id, tab }: { id: string; tab: CustomerTab }) => {
  const [read, again] = useQuery({ query: CustomerQuery, variables: { id } });
  const customer = read.data?.customer;
  if (read.error && !customer) return <Page title="Customer"><Failed error={read.error} /></Page>;
  if (read.data && !customer) return <Page title="No such customer"><Empty>Nobody has this id, or you may not see them. <Link to="/customers">All customers</Link></Empty></Page>;
  if (!customer) return <Page title="Customer" lead=" "><Waiting rows={14} /></Page>;
  const lead = <>{plain(customer.__typename ?? "")} · <Value of={customer.email} lock={lockOf(customer, "email")} /> · {plural(customer.recordCount, "record")} · changed {ago(customer.changedAt)}</>;
  return (
    <Page title={nameOf(customer)} lead={lead} actions={<AsOf then={undefined} />}>
      {customer.redirectedFrom ? <p className="note">The customer that you asked for has become part of this one. The old id leads here for ever.</p> : null}
      <Known customer={customer} tab={tab} again={() => again({ requestPolicy: "network-only" })} />
    </Page>
  );
};
