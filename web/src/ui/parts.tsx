// Small parts that every page uses.
import { AlertTriangle, Lock } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import type { CombinedError } from "urql";
import { errorText } from "../client";
import { fieldName, reasonText } from "../words";

export type Tone = "good" | "bad" | "warn" | "plain" | "busy";

export const Badge = ({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) => (
  <span className={`badge ${tone}`}>{children}</span>
);

export const Page = ({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) => (
  <>
    <header className="page-head">
      <div>
        <h1 dir="auto">{title}</h1>
        {lead ? <p className="lead">{lead}</p> : null}
      </div>
      {actions ? <div className="actions">{actions}</div> : null}
    </header>
    {children}
  </>
);

export const Failed = ({ error }: { error: CombinedError }) => (
  <p role="alert" className="note bad"><AlertTriangle aria-hidden size={16} /> <span>{errorText(error)}</span></p>
);

export const Empty = ({ children }: { children: ReactNode }) => <p className="empty">{children}</p>;

/** Holds the place of what is being read, so that nothing jumps. */
export const Waiting = ({ rows = 6 }: { rows?: number }) => (
  <div className="waiting" role="status">
    <span className="sr">Loading</span>
    {Array.from({ length: rows }, (_, row) => <span key={row} className="bone" />)}
  </div>
);

export interface Withheld { path: string; kind: "HIDDEN" | "MASKED"; reason: string; policy?: string | null }

/** What this role does not see here, and why. */
export const Restrictions = ({ of }: { of: readonly Withheld[] }) => {
  if (of.length === 0) return null;
  return (
    <details className="card restrictions">
      <summary><Lock aria-hidden size={15} /> {of.length} {of.length === 1 ? "field is" : "fields are"} withheld from you here</summary>
      <table>
        <thead><tr><th>Field</th><th>Shown, and why</th></tr></thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.path}>
              <td>{fieldName(one.path)}</td>
              <td>{one.kind === "MASKED" ? "In part" : "Not at all"}: {reasonText(one.reason)}{one.policy ? <> <code>{one.policy}</code></> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
};

export const lockOf = (of: { restrictions: readonly Withheld[] }, path: string): Withheld | undefined => of.restrictions.find((one) => one.path === path);

/** What to call a customer: no name, and a name that is withheld, are not the same. */
export const nameOf = (of: { displayName?: string | null; restrictions: readonly Withheld[] }): string =>
  of.displayName ?? (lockOf(of, "displayName") ? "Name not shown to you" : "Without a name");

/** A value of any direction. An address breaks before its signs rather than within a word. */
export const Words = ({ of }: { of: string }) => (
  <bdi>{of.includes("@") ? of.split(/(?=[@.])/).map((part, at) => <Fragment key={at}>{at > 0 ? <wbr /> : null}{part}</Fragment>) : of}</bdi>
);

/** The value itself, what is left of it, or that there is none. */
export const Value = ({ of, lock }: { of: string | null | undefined; lock?: Withheld | undefined }) => {
  if (of) return <bdi>{of}{lock ? <Lock className="lock" role="img" aria-label="shown in part" size={13} /> : null}</bdi>;
  return <span className="none">{lock ? <><Lock aria-hidden size={13} /> not shown to you</> : "no value"}</span>;
};

export const Json = ({ of }: { of: unknown }) => <pre className="json" tabIndex={0}>{JSON.stringify(of, null, 2)}</pre>;
