// What was decided about this customer: links, never-links and pins, also what was taken back.
import { useState } from "react";
import { useQuery } from "urql";
import { DecisionsQuery, PinsQuery } from "../documents";
import { DecisionLine } from "../ui/decisions";
import { Badge, Empty, Failed, Waiting } from "../ui/parts";
import { UndoButton } from "../ui/undo";
import { fieldName, timeText } from "../words";
import type { Customer } from "./customer";

export default function Changes({ customer, changed }: { customer: Customer; changed: () => void }) {
  const [read, again] = useQuery({ query: DecisionsQuery, variables: { customer: customer.id, first: 200 } });
  const [pins, pinsAgain] = useQuery({ query: PinsQuery, variables: { customer: customer.id } });
  const [said, setSaid] = useState("");
  const done = (text: string) => { setSaid(text); again({ requestPolicy: "network-only" }); pinsAgain({ requestPolicy: "network-only" }); changed(); };
  const decisions = read.data?.decisions.nodes ?? [];
  const held = pins.data?.valuePins ?? [];
  const lines = [
    ...decisions.map((one) => ({ at: one.madeAt, line: <DecisionLine key={one.id} of={one} done={done} /> })),
    ...held.map((one) => ({ at: one.madeAt, line: (
      <li key={one.id}>
        <span className="what"><Badge tone={one.undoneAt ? "plain" : "busy"}>held fast</Badge> {fieldName(one.path)} as {one.sourceRecord?.source?.title ?? "a source"} says it
          <small className="under">{timeText(one.madeAt)} by {one.by} · <bdi>{one.reason}</bdi></small>
          {one.undoneAt ? <small className="under">Taken back {timeText(one.undoneAt)}{one.undoneBy ? ` by ${one.undoneBy}` : ""}</small> : null}</span>
        {one.undoneAt ? null : <UndoButton what="pin" id={one.id} about={fieldName(one.path)} done={done} />}
      </li>
    ) })),
  ].toSorted((one, other) => other.at.localeCompare(one.at));
  if (read.error && !read.data) return <Failed error={read.error} />;
  if (!read.data) return <Waiting rows={6} />;
  return (
    <>
      <p role="status" className="hint">{said}</p>
      {lines.length === 0 ? <Empty>No steward has decided anything about it that you may see. What the rules did is under “Held together”.</Empty> : <ul className="lines history">{lines.map(({ line }) => line)}</ul>}
      <p className="hint">In the hub since {timeText(customer.createdAt)}, last changed {timeText(customer.changedAt)}. {customer.alternateIds.length > 0 ? `${customer.alternateIds.length} other ${customer.alternateIds.length === 1 ? "id leads" : "ids lead"} here for ever.` : ""}</p>
    </>
  );
}
