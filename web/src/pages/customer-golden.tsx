// The golden values: each with its source and rule, and on demand with what lost and why.
import { Words } from "../ui/parts";
import { dayText, ruleText, fieldName, timeText, valueText } from "../words";
import type { Customer } from "./customer";
import { UseThis } from "./customer-pins";

type Field = Customer["provenance"][number];

interface Holding { mayPin: boolean; changed: () => void }

const Losers = ({ path, of, mayPin, changed }: Holding & { path: string; of: Field["alternatives"] }) => (
  <details className="losers">
    <summary>{of.length} other {of.length === 1 ? "value" : "values"}</summary>
    <ul>
      {of.map((one, index) => (
        <li key={`${one.sourceRecord?.id ?? ""}${index}`}>
          <Words of={valueText(one.value)} />
          <small><bdi>{one.source?.title ?? "a source that you may not see"}</bdi> · {dayText(one.observedAt)} · lost because {one.lostBecause}</small>
          {mayPin && one.sourceRecord ? <UseThis path={path} record={one.sourceRecord.id} text={valueText(one.value)} changed={changed} /> : null}
        </li>
      ))}
    </ul>
  </details>
);

export const Golden = ({ customer, mayPin, changed }: Holding & { customer: Customer }) => (
  <section className="card" aria-labelledby="golden">
    <h2 id="golden">Best values</h2>
    {customer.provenance.length === 0 ? <p className="empty">No value of this customer is shown to you.</p> : (
      <dl className="golden">
        {customer.provenance.map((field) => (
          <div key={field.path}>
            <dt>{fieldName(field.path)}</dt>
            <dd>
              <Words of={valueText(field.value)} />
              <small><bdi>{field.source?.title ?? "a source that you may not see"}</bdi> · {ruleText(field.rule)} · <time dateTime={field.observedAt} title={timeText(field.observedAt)}>{dayText(field.observedAt)}</time></small>
              {field.alternatives.length > 0 ? <Losers path={field.path} of={field.alternatives} mayPin={mayPin} changed={changed} /> : null}
            </dd>
          </div>
        ))}
      </dl>
    )}
  </section>
);
