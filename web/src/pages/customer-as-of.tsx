// The day as of which a customer is shown. It stands in the address, so that it can be sent to somebody.
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";

const route = getRouteApi("/shell/customers/$id");

/** The day of the address and by whose word; nothing where it is today, or no day. */
export interface Then { at: string; by: "sources" | "hub" }
export const thenOf = ({ at, by }: { at?: string; by?: string }): Then | undefined =>
  at && /^\d{4}-\d{2}-\d{2}$/.test(at) && !Number.isNaN(Date.parse(`${at}T00:00:00`)) ? { at, by: by === "hub" ? "hub" : "sources" } : undefined;

const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
export const WORDS = { sources: "what its sources say held then", hub: "what the hub knew then" };

/** Chooses the day. All of it stands in the address. */
export const AsOf = ({ then }: { then: Then | undefined }) => {
  const navigate = route.useNavigate();
  const [refused, setRefused] = useState(false);
  const to = (at: string, by: Then["by"]) => {
    setRefused(at > today());
    if (at <= today()) void navigate({ search: ({ tab }) => ({ ...(tab ? { tab } : {}), ...(at ? { at, ...(by === "hub" ? { by } : {}) } : {}) }) });
  };
  return (
    <span className="as-of">
      <label className="field">As of <input key={then?.at ?? ""} type="date" max={today()} defaultValue={then?.at ?? ""} onChange={(event) => { if (event.target.value > "1900") to(event.target.value, then?.by ?? "sources"); }} /></label>
      {then ? <label className="field">by <select value={then.by} onChange={(event) => to(then.at, event.target.value === "hub" ? "hub" : "sources")}>{Object.entries(WORDS).map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select></label> : null}
      {refused ? <span role="alert" className="error">That day is still to come.</span> : null}
    </span>
  );
};
