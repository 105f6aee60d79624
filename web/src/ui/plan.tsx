// What a plan would do, as the hub worked it out. Nothing of it is done yet.
import type { PreviewPartsFragment } from "../gql/graphql";
import { Badge } from "./parts";
import { fieldName, plain, plural, valueText } from "../words";

export type Preview = PreviewPartsFragment;

const short = (id: string) => id.replace(/^customer_/, "").slice(-6);

/** What a customer of a plan is called: those that are there have a name, new ones have only an id. */
const nameIn = (of: Preview, id: string) => of.before.find((one) => one.id === id)?.customer?.displayName ?? `new customer ${short(id)}`;

export const Consents = ({ of }: { of: Preview }) => {
  if (of.consents === null || of.consents === undefined) return <p className="hint">Consents are not shown to you; some may change.</p>;
  if (of.consents.length === 0) return null;
  return (
    <>
      <h3>Consents that change</h3>
      <ul className="lines">
        {of.consents.map((one) => (
          <li key={`${one.customer}${one.purpose}${one.channel ?? ""}`}>
            <span>{plain(one.purpose)}{one.channel ? ` by ${plain(one.channel).toLowerCase()}` : ""}: {one.before.map((part) => (part.status ? plain(part.status).toLowerCase() : "nothing said")).join(", ")} → <strong>{one.after ? plain(one.after).toLowerCase() : "nothing said"}</strong></span>
            {one.widens ? <Badge tone="warn">may be reached who may not be now</Badge> : null}
          </li>
        ))}
      </ul>
    </>
  );
};

const ID_WORDS = { NEW: "is new", RETIRES: "leads to another customer for ever", RETURNS: "leads to a customer of its own again" };

export const Ids = ({ of }: { of: Preview }) => (of.ids.length === 0 ? null : (
  <ul className="plainly">{of.ids.map((one) => <li key={one.id}><code>…{short(one.id)}</code> {ID_WORDS[one.change]}</li>)}</ul>
));

export const TakesBack = ({ of }: { of: Preview }) => (of.takesBack.length === 0 ? null : (
  <p className="note">Takes back {plural(of.takesBack.length, "decision")}: {of.takesBack.map((one) => `“${one.reason || plain(one.kind)}” of ${one.by}`).join("; ")}.</p>
));

export const PlanView = ({ of }: { of: Preview }) => (
  <div className="plan">
    <p><strong>{plural(of.before.length, "customer")}</strong> now, <strong>{plural(of.after.length, "customer")}</strong> after it.</p>
    <div className="plan-sides">
      {of.after.map((one) => (
        <section key={one.id} className="plan-side" aria-label={nameIn(of, one.id)}>
          <h3><bdi>{nameIn(of, one.id)}</bdi></h3>
          <p className="hint">{plural(one.recordCount, "record")}: {one.records.map((record) => `${record.source?.title ?? "a source"} ${record.externalId ?? ""}`).join(", ")}</p>
          <dl className="golden tight">
            {of.values.filter((value) => value.customer === one.id).map((value) => <div key={value.path}><dt>{fieldName(value.path)}</dt><dd><bdi>{valueText(value.after)}</bdi><small>now {value.before.map((part) => valueText(part.value)).join(" / ") || "no value"}</small></dd></div>)}
          </dl>
        </section>
      ))}
    </div>
    <Consents of={of} />
    <Ids of={of} />
    <TakesBack of={of} />
  </div>
);
