// A plan that was just applied, and taking it back as a whole.
import { Link } from "@tanstack/react-router";
import type { PlanPartsFragment } from "../gql/graphql";
import { UndoButton } from "./undo";

export const Applied = ({ plan, text, undone }: { plan: PlanPartsFragment; text: string; undone: (text: string) => void }) => (
  <div className="note" role="status">
    <p>{text} {plan.customers.map((one) => <span key={one.id}><Link to="/customers/$id" params={{ id: one.id }}><bdi>{one.displayName ?? "Without a name"}</bdi></Link> </span>)}</p>
    <UndoButton what="plan" id={plan.id} about={text} done={undone} />
  </div>
);
