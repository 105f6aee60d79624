// Why, why not: any two records, what speaks for and against, what was decided, and what would be enough.
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useQuery } from "urql";
import { ExplainQuery, PartiesQuery, SearchQuery } from "../documents";
import type { ExplanationPartsFragment } from "../gql/graphql";
import { DecisionLine } from "../ui/decisions";
import { Fields, Waterfall } from "../ui/evidence";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { fieldName, foundBy, levelText, percent, plain, signed } from "../words";

const route = getRouteApi("/shell/explain");

const Records = ({ customer, label, choose }: { customer: string; label: string; choose: (record: string) => void }) => {
  const [read] = useQuery({ query: PartiesQuery, variables: { id: customer } });
  const parties = read.data?.customer?.sourceRecords.nodes.filter((record) => record.kind.toLowerCase() === "party") ?? [];
  return (
    <ul className="lines" aria-label={`Records for ${label}`}>
      {parties.map((record) => <li key={record.id}><span>{record.source?.title ?? "A source"} <code>{record.externalId ?? ""}</code></span><button type="button" className="button small" onClick={() => choose(record.id)}>Take this record</button></li>)}
      {read.data && parties.length === 0 ? <li><span className="none">No record of theirs that you may see can be compared.</span></li> : null}
    </ul>
  );
};

/** A record by what people know: the customer first, then one of its records. */
const Picker = ({ label, record, choose }: { label: string; record: string | undefined; choose: (record: string) => void }) => {
  const [text, setText] = useState("");
  const [customer, setCustomer] = useState<{ id: string; name: string }>();
  const isEnough = (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= 2;
  const [found] = useQuery({ query: SearchQuery, variables: { text }, pause: !isEnough || customer !== undefined });
  return (
    <section className="card picker" aria-label={label}>
      <label className="field">{label} <input type="search" className="wide" placeholder="name, e-mail address, number" value={customer?.name ?? text} onChange={(event) => { setCustomer(undefined); setText(event.target.value); }} /></label>
      {record ? <p className="hint">Chosen: <code>{record}</code></p> : null}
      {isEnough && !customer ? (
        <ul className="lines">{(found.data?.search ?? []).slice(0, 6).map((hit) => <li key={hit.customer.id}><span><bdi>{hit.customer.displayName ?? "Without a name"}</bdi> <small>{foundBy(hit)} “{hit.matchedText}”</small></span><button type="button" className="button small" onClick={() => setCustomer({ id: hit.customer.id, name: hit.customer.displayName ?? hit.customer.id })}>Its records</button></li>)}</ul>
      ) : null}
      {customer ? <Records customer={customer.id} label={label} choose={(id) => { setCustomer(undefined); setText(""); choose(id); }} /> : null}
    </section>
  );
};

const Enough = ({ of }: { of: ExplanationPartsFragment }) => {
  if (of.together || !of.wouldLink) return null;
  if (of.wouldLink.length === 0) return <p className="hint">{typeof of.probability === "number" && of.probability >= of.autoMerge ? "They weigh enough by themselves: something else keeps them apart." : "No agreement of other fields would be enough."}</p>;
  return (
    <section aria-labelledby="enough">
      <h2 id="enough">What would be enough</h2>
      <ul className="lines">{of.wouldLink.map((one, at) => (
        <li key={at}><span>{one.better.map((better) => `${fieldName(better.attribute)}: ${levelText(better.level)}`).join(" and ")}</span><span className="row"><Badge>{signed(one.weight)}</Badge> <Badge>{percent(one.probability)}</Badge></span></li>
      ))}</ul>
    </section>
  );
};

const Told = ({ of, again }: { of: ExplanationPartsFragment; again: () => void }) => {
  const isLikely = typeof of.probability === "number" ? of.probability : undefined;
  const verdict = of.together ? "They are one customer now." : isLikely === undefined ? "They are two customers now." : isLikely >= of.autoMerge ? "They weigh enough, and are two customers all the same." : isLikely >= of.review ? "They are two customers; a steward is asked." : "They are two customers; too little speaks for one.";
  return (
    <article className="card" aria-labelledby="verdict">
      <header className="pair-head"><h2 id="verdict">{verdict}</h2>{isLikely === undefined ? null : <Badge>{percent(isLikely)}</Badge>}</header>
      {of.sentence ? <p className="sentence">{of.sentence}</p> : null}
      <p className="hint">From {percent(of.autoMerge)} on records are linked without asking; from {percent(of.review)} on a steward is asked. {of.foundBy ? (of.foundBy.length > 0 ? `Brought together by ${of.foundBy.map((rule) => plain(rule).toLowerCase()).join(", ")}.` : "No blocking rule brings them together, so they are never compared by themselves.") : ""}</p>
      {of.withheld.length > 0 ? <p className="note">Nothing is told of {of.withheld.map((field) => fieldName(field).toLowerCase()).join(", ")}: you may not read it whole of both sources.</p> : null}
      <div className="pair-body"><div className="column"><Fields of={of} /></div><div className="column"><Waterfall of={of} /></div></div>
      <Enough of={of} />
      <section aria-labelledby="decided">
        <h2 id="decided">What stewards decided</h2>
        {of.decisions.length === 0 ? <Empty>Nothing that stands.</Empty> : <ul className="lines history">{of.decisions.map((one) => <DecisionLine key={one.id} of={one} done={again} />)}</ul>}
      </section>
      {of.left && of.together ? <p><Link to="/customers/$id" params={{ id: of.left.id }} search={{ tab: "together" }}>How that customer is held together</Link></p> : null}
    </article>
  );
};

export default function ExplainPage() {
  const { a, b } = route.useSearch();
  const navigate = route.useNavigate();
  const [read, again] = useQuery({ query: ExplainQuery, variables: { a: a ?? "", b: b ?? "" }, pause: !a || !b });
  const of = read.data?.explainMatch;
  return (
    <Page title="Why, why not" lead="Any two records: what speaks for one customer, and what against">
      {!a || !b || read.error || (read.data && !of) ? (
        <div className="grid pickers">
          <Picker label="One record" record={a} choose={(id) => void navigate({ search: (was) => ({ ...was, a: id }) })} />
          <Picker label="The other record" record={b} choose={(id) => void navigate({ search: (was) => ({ ...was, b: id }) })} />
        </div>
      ) : null}
      {read.error ? <Failed error={read.error} /> : null}
      {a && b && !read.data && !read.error ? <Waiting rows={10} /> : null}
      {read.data && a && b && !of ? <Empty>There is nothing to explain: one of the records is not there, is no person or organisation, or you do not review for its department.</Empty> : null}
      {of && a && b ? <><Told of={of} again={() => again({ requestPolicy: "network-only" })} /><Link className="button" to="/explain" search={{}}>Two other records</Link></> : null}
    </Page>
  );
}
