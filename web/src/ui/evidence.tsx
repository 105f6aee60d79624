// What speaks for and against two records being one: field by field, and as weights from the starting point to the total.
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { ExplanationPartsFragment } from "../gql/graphql";
import { Badge, Words, type Tone } from "./parts";
import { fieldName, levelText, percent, plural, signed } from "../words";

type Side = ExplanationPartsFragment["left"];
type Record = ExplanationPartsFragment["leftRecord"];
type Line = ExplanationPartsFragment["evidence"][number];

/** Two records and what each comparison of them says. A weight that is withheld is no number. */
export interface Compared {
  left: Side; right: Side; leftRecord: Record; rightRecord: Record; evidence: readonly Line[];
  prior?: number | null; weight?: number | null; probability?: number | null;
}

/** Below this a line says next to nothing. */
const SLIGHT = 0.05;
const toneOf = (line: Line): Tone => (line.level === "MISSING" || Math.abs(line.weight) < SLIGHT ? "plain" : line.weight > 0 ? "good" : "bad");
const rarityText = (rarity: number) => (rarity < 1 ? `about 1 in ${plural(Math.round(1 / rarity), "record has it", "records has it")}` : "every record has it");

const Head = ({ of, record }: { of: Side; record: Record }) => (
  <th scope="col">
    {of ? <Link className="few" to="/customers/$id" params={{ id: of.id }}><bdi>{of.displayName ?? "Without a name"}</bdi></Link> : "Not shown to you"}
    <small className="under"><bdi>{record?.source?.title ?? "A source"}</bdi> {record?.externalId ? <code>{record.externalId}</code> : null}{of ? ` · ${plural(of.recordCount, "record")}` : ""}</small>
  </th>
);

/** A line about other lines has no value of its own. */
const Said = ({ line, text }: { line: Line; text: string | null | undefined }) =>
  text ? <Words of={text} /> : <span className="none">{line.level === "RELATED" ? "seen from the other fields" : "no value"}</span>;

export const Fields = memo(({ of }: { of: Compared }) => (
  <table className="pair stack">
    <caption className="sr">What each field says</caption>
    <thead><tr><th scope="col">Field</th><Head of={of.left} record={of.leftRecord} /><Head of={of.right} record={of.rightRecord} /><th scope="col">What it says</th></tr></thead>
    <tbody>
      {of.evidence.map((line) => (
        <tr key={line.attribute}>
          <th scope="row">{fieldName(line.attribute)}</th>
          <td data-of={of.leftRecord?.source?.title ?? "Left"}><Said line={line} text={line.left} /></td>
          <td data-of={of.rightRecord?.source?.title ?? "Right"}><Said line={line} text={line.right} /></td>
          <td data-of="Says"><Badge tone={toneOf(line)}>{levelText(line.level)}</Badge>{typeof line.rarity === "number" && line.rarity > 0 ? <small className="under">{rarityText(line.rarity)}</small> : null}</td>
        </tr>
      ))}
    </tbody>
  </table>
));

/** Each bar begins where the one before it ended. The numbers beside the bars say the same. */
export const Waterfall = memo(({ of }: { of: Compared }) => {
  const told = of.evidence.reduce((sum, line) => sum + line.weight, 0);
  const prior = of.prior ?? (typeof of.weight === "number" ? of.weight - told : 0);
  const total = of.weight ?? prior + told;
  let sum = prior;
  const steps = of.evidence.map((line) => {
    const from = sum;
    sum += line.weight;
    return { key: line.attribute, text: fieldName(line.attribute), weight: line.weight, from, to: sum };
  });
  const ends = [0, prior, total, ...steps.flatMap(({ from, to }) => [from, to])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (weight: number) => 2 + ((weight - low) / (high - low || 1)) * 156;
  const bar = (from: number, to: number) => (
    <svg viewBox="0 0 160 14" aria-hidden>
      <line x1={x(0)} x2={x(0)} y1="0" y2="14" className="zero" />
      {Math.abs(to - from) < SLIGHT ? null : <rect x={Math.min(x(from), x(to))} width={Math.abs(x(to) - x(from))} y="2" height="10" rx="2" className={to >= from ? "for" : "against"} />}
    </svg>
  );
  return (
    <section aria-labelledby="evidence" className="evidence">
      <h2 id="evidence">Evidence</h2>
      <table className="waterfall">
        <thead className="sr"><tr><th>Line</th><th>Bar</th><th>Weight</th></tr></thead>
        <tbody>
          <tr><th scope="row">Starting point</th><td>{bar(0, prior)}</td><td className="num">{signed(prior)}</td></tr>
          {steps.map((step) => <tr key={step.key}><th scope="row">{step.text}</th><td>{bar(step.from, step.to)}</td><td className="num">{signed(step.weight)}</td></tr>)}
        </tbody>
        {typeof of.weight === "number" ? <tfoot><tr><th scope="row">Total</th><td><svg viewBox="0 0 160 14" aria-hidden><line x1={x(0)} x2={x(0)} y1="0" y2="14" className="zero" /><circle cx={x(total)} cy="7" r="4" /></svg></td><td className="num">{signed(total)}</td></tr></tfoot> : null}
      </table>
      <p className="hint">{typeof of.weight === "number" && typeof of.probability === "number"
        ? <>One more doubles the odds that both are the same, one less halves them. {signed(total)} is a probability of {percent(of.probability)}.</>
        : <>A part of the evidence is withheld from you, and with it the total.</>}</p>
    </section>
  );
});
