// Predicted beside found: how likely matching thought pairs were, and how often people who did not know that said the same.
import { useId, useState } from "react";
import { count } from "../words";

/** Pairs of one range of scores, of which some were judged. */
export interface Range { low: number; high: number; pairs: number; judged: number; same: number }

const SIDE = 260;
const LEFT = 52;
const LOW = 34;
const Z = 1.959964;

/** So that neither what is nearly nothing nor what is nearly all is rounded to it. */
export const share = (n: number) => (n > 0 && n < 0.000_001 ? "< 0.0001 %" : `${Number((n * 100).toPrecision(n > 0.99 ? 4 : 2))} %`);
export const rangeText = ({ low, high }: { low: number; high: number }) => `${share(low)} to ${share(high)}`;

/** The interval of Wilson for so many of so many, at 95 %. */
export const wilson = (hits: number, of: number) => {
  if (of === 0) return { value: 0.5, low: 0, high: 1 };
  const p = hits / of;
  const wide = 1 + (Z * Z) / of;
  const middle = (p + (Z * Z) / (2 * of)) / wide;
  const half = (Z / wide) * Math.sqrt((p * (1 - p)) / of + (Z * Z) / (4 * of * of));
  return { value: p, low: Math.max(0, Math.min(p, middle - half)), high: Math.min(1, Math.max(p, middle + half)) };
};

/** How far what was predicted lies from what was found, each range counting by its pairs; nothing before any was judged. */
export const errorOf = (ranges: readonly Range[]): number | undefined => {
  const told = ranges.filter((range) => range.judged > 0);
  const all = told.reduce((sum, range) => sum + range.pairs, 0);
  if (all === 0) return undefined;
  return told.reduce((sum, range) => {
    const found = range.same / range.judged;
    // Within its range a prediction may be anything: only what lies outside is off.
    return sum + Math.max(0, range.low - found, found - range.high) * range.pairs;
  }, 0) / all;
};

export const Calibration = ({ title, hint, ranges }: { title: string; hint: string; ranges: readonly Range[] }) => {
  const id = useId();
  const [isTable, setTable] = useState(false);
  const told = ranges.filter((range) => range.judged > 0);
  const x = (value: number) => LEFT + value * (SIDE - LEFT - 10);
  const y = (value: number) => SIDE - LOW - value * (SIDE - LOW - 10);
  return (
    <section className="card chart" aria-labelledby={id}>
      <header className="pair-head"><h2 id={id}>{title}</h2><button type="button" className="button small" aria-pressed={isTable} onClick={() => setTable(!isTable)}>{isTable ? "As a picture" : "As a table"}</button></header>
      <p className="hint">{hint}</p>
      {isTable ? (
        <div className="scroll" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead><tr><th>Predicted</th><th className="num">Pairs</th><th className="num">Judged</th><th className="num">The same</th><th className="num">Found</th><th className="num">Between (95 %)</th></tr></thead>
            <tbody>{ranges.map((range) => {
              const found = wilson(range.same, range.judged);
              return <tr key={range.low}><td>{rangeText(range)}</td><td className="num">{count(range.pairs)}</td><td className="num">{count(range.judged)}</td><td className="num">{count(range.same)}</td><td className="num">{range.judged > 0 ? share(found.value) : "not judged"}</td><td className="num">{range.judged > 0 ? `${share(found.low)} and ${share(found.high)}` : ""}</td></tr>;
            })}</tbody>
          </table>
        </div>
      ) : (
        <svg className="square" viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={`${title}: ${told.map((range) => `predicted ${rangeText(range)}, found ${share(range.same / range.judged)} of ${count(range.judged)}`).join("; ") || "nothing was judged"}`}>
          {[0, 0.5, 1].map((value) => (
            <g key={value}>
              <line x1={x(0)} x2={x(1)} y1={y(value)} y2={y(value)} className="rule" /><line x1={x(value)} x2={x(value)} y1={y(0)} y2={y(1)} className="rule" />
              <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">{value * 100} %</text><text x={x(value)} y={SIDE - 20} textAnchor={value === 1 ? "end" : "middle"}>{value * 100} %</text>
            </g>
          ))}
          <text x={x(0.5)} y={SIDE - 5} textAnchor="middle">predicted</text>
          <text x="10" y={y(0.5)} textAnchor="middle" transform={`rotate(-90 10 ${y(0.5)})`}>found</text>
          <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} className="ideal" />
          {told.map((range) => {
            const found = wilson(range.same, range.judged);
            const middle = (range.low + range.high) / 2;
            return (
              <g key={range.low}>
                <line x1={x(middle)} x2={x(middle)} y1={y(found.low)} y2={y(found.high)} className="whisker" />
                <line x1={x(range.low)} x2={x(range.high)} y1={y(found.value)} y2={y(found.value)} className="range" />
                <circle cx={x(middle)} cy={y(found.value)} r="4" />
              </g>
            );
          })}
        </svg>
      )}
    </section>
  );
};
