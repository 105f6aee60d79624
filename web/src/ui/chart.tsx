// Bars, drawn by hand. Each has a table that says the same, for those who read or listen rather than look.
import { useId, useState } from "react";
import { count } from "../words";

export interface Part { name: string; value: number }
export interface Bar { name: string; parts: readonly Part[] }

const W = 600;
const H = 200;
const LEFT = 60;
const LOW = 30;
/** About as wide as a letter of a name below. */
const LETTER = 6;

/** A round number at or above, so that the axis reads well. */
export const roundUp = (n: number): number => {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, n)));
  return [1, 2, 5, 10].map((step) => step * unit).find((step) => step >= n) ?? n;
};

const sumOf = (bar: Bar) => bar.parts.reduce((sum, part) => sum + part.value, 0);

export const Chart = ({ title, hint, unit, bars }: { title: string; hint: string; unit: string; bars: readonly Bar[] }) => {
  const id = useId();
  const [isTable, setTable] = useState(false);
  const names = [...new Set(bars.flatMap((bar) => bar.parts.map((part) => part.name)))];
  const top = roundUp(Math.max(1, ...bars.map(sumOf)));
  const wide = (W - LEFT) / Math.max(1, bars.length);
  const y = (value: number) => H - LOW - (value / top) * (H - LOW - 26);
  // Names that would run into each other: only some are shown, and the table has them all.
  const every = Math.ceil(Math.max(bars.length / 8, ...bars.map((bar) => (bar.name.length * LETTER) / wide)));
  const isEmpty = bars.every((bar) => sumOf(bar) === 0);
  return (
    <section className="card chart" aria-labelledby={id}>
      <header className="pair-head"><h2 id={id}>{title}</h2>{isEmpty ? null : <button type="button" className="button small" aria-pressed={isTable} onClick={() => setTable(!isTable)}>{isTable ? "As a picture" : "As a table"}</button>}</header>
      <p className="hint">{hint}</p>
      {isEmpty ? <p className="empty">Nothing to show yet.</p> : isTable ? (
        <div className="scroll" tabIndex={0} role="group" aria-label={title}>
          <table>
            <thead><tr><th>{unit}</th>{names.map((name) => <th key={name} className="num">{name}</th>)}</tr></thead>
            <tbody>{bars.map((bar) => <tr key={bar.name}><td>{bar.name}</td>{names.map((name) => <td key={name} className="num">{count(bar.parts.find((part) => part.name === name)?.value ?? 0)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      ) : (
        <>
          <svg viewBox={`0 0 ${W} ${H}`} role="img" aria-label={`${title}: ${bars.map((bar) => `${bar.name} ${count(sumOf(bar))}`).join(", ")}`}>
            {[0, top / 2, top].map((value) => <g key={value}><line x1={LEFT} x2={W} y1={y(value)} y2={y(value)} className="rule" /><text x={LEFT - 6} y={y(value) + 4} textAnchor="end">{count(value)}</text></g>)}
            {bars.map((bar, at) => {
              let sum = 0;
              return (
                <g key={bar.name}>
                  {names.map((name, index) => {
                    const value = bar.parts.find((part) => part.name === name)?.value ?? 0;
                    const from = sum;
                    sum += value;
                    return value > 0 ? <rect key={name} className={`series-${index % 4}`} x={LEFT + at * wide + wide * 0.14} width={wide * 0.72} y={y(sum)} height={Math.max(1, y(from) - y(sum))} rx="2" /> : null;
                  })}
                  {at % every === 0 ? <text x={LEFT + at * wide + wide / 2} y={H - 8} textAnchor="middle">{bar.name}</text> : null}
                </g>
              );
            })}
          </svg>
          {names.length > 1 ? <ul className="legend">{names.map((name, index) => <li key={name}><span className={`dot series-${index % 4}`} aria-hidden /> {name}</li>)}</ul> : null}
        </>
      )}
    </section>
  );
};
