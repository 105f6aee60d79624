// One pair: both records side by side, and the weights from the starting point to the total.
import { Link } from "@tanstack/react-router";
import { Badge, Restrictions, type Tone } from "../ui/parts";
import { band, fieldName, levelText, percent, plural, signed, timeText } from "../words";
import type { Pair } from "./review";

type Line = Pair["evidence"][number];

/** Below this a line says next to nothing. */
const SLIGHT = 0.05;
const toneOf = (line: Line): Tone => (line.level === "MISSING" || Math.abs(line.weight) < SLIGHT ? "plain" : line.weight > 0 ? "good" : "bad");
const rarityText = (rarity: number) => (rarity < 1 ? `about 1 in ${plural(Math.round(1 / rarity), "record has it", "records has it")}` : "every record has it");

const Side = ({ of, record }: { of: Pair["left"]; record: Pair["leftRecord"] }) => (
  <th scope="col">
    {of ? <Link to="/customers/$id" params={{ id: of.id }}><bdi>{of.displayName ?? "Without a name"}</bdi></Link> : "Not shown to you"}
    <small className="under">{record?.source?.title ?? "A source"}{record?.externalId ? <> <code>{record.externalId}</code></> : null}{of ? ` · ${plural(of.recordCount, "record")}` : ""}</small>
  </th>
);

/** A line about other lines has no value of its own. */
const Said = ({ line, text }: { line: Line; text: string | null | undefined }) =>
  text ? <bdi>{text}</bdi> : <span className="none">{line.level === "RELATED" ? "seen from the other fields" : "no value"}</span>;

const Fields = ({ pair }: { pair: Pair }) => (
  <table className="pair stack">
    <caption className="sr">What each field says</caption>
    <thead><tr><th scope="col">Field</th><Side of={pair.left} record={pair.leftRecord} /><Side of={pair.right} record={pair.rightRecord} /><th scope="col">What it says</th></tr></thead>
    <tbody>
      {pair.evidence.map((line) => (
        <tr key={line.attribute}>
          <th scope="row">{fieldName(line.attribute)}</th>
          <td data-of={pair.leftRecord?.source?.title ?? "Left"}><Said line={line} text={line.left} /></td>
          <td data-of={pair.rightRecord?.source?.title ?? "Right"}><Said line={line} text={line.right} /></td>
          <td data-of="Says"><Badge tone={toneOf(line)}>{levelText(line.level)}</Badge>{typeof line.rarity === "number" && line.rarity > 0 ? <small className="under">{rarityText(line.rarity)}</small> : null}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** Each bar begins where the one before it ended. The numbers beside the bars say the same. */
const Waterfall = ({ pair }: { pair: Pair }) => {
  const prior = pair.prior ?? pair.weight - pair.evidence.reduce((sum, line) => sum + line.weight, 0);
  let sum = prior;
  const steps = pair.evidence.map((line) => {
    const from = sum;
    sum += line.weight;
    return { key: line.attribute, text: fieldName(line.attribute), weight: line.weight, from, to: sum };
  });
  const ends = [0, prior, pair.weight, ...steps.flatMap(({ from, to }) => [from, to])];
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
        <tfoot><tr><th scope="row">Total</th><td><svg viewBox="0 0 160 14" aria-hidden><line x1={x(0)} x2={x(0)} y1="0" y2="14" className="zero" /><circle cx={x(pair.weight)} cy="7" r="4" /></svg></td><td className="num">{signed(pair.weight)}</td></tr></tfoot>
      </table>
      <p className="hint">Weights are powers of two: one more doubles the odds that both are the same, one less halves them. The starting point says how rare it is that any two records are. A total of {signed(pair.weight)} is a probability of {percent(pair.probability)}.</p>
    </section>
  );
};

export const PairView = ({ pair }: { pair: Pair }) => (
  <article className="card pair-card" aria-labelledby="pair-title">
    <header className="pair-head">
      <h2 id="pair-title"><bdi>{pair.left?.displayName ?? "Without a name"}</bdi> <span aria-hidden>↔</span><span className="sr">and</span> <bdi>{pair.right?.displayName ?? "Without a name"}</bdi></h2>
      <Badge>{band(pair.probability)} · {percent(pair.probability)}</Badge>
    </header>
    {pair.sentence ? <p className="sentence">{pair.sentence}</p> : null}
    <div className="pair-body">
      <Fields pair={pair} />
      <Waterfall pair={pair} />
    </div>
    <Restrictions of={pair.restrictions} />
    <p className="hint">Found {timeText(pair.foundAt)} by model {pair.model}.</p>
  </article>
);
