// Decisions in words: who, what, when, why, and whether they stand.
import type { DecisionPartsFragment } from "../gql/graphql";
import { dayText, timeText } from "../words";
import { Badge, type Tone } from "./parts";
import { UndoButton } from "./undo";

export const KINDS: Record<DecisionPartsFragment["kind"], [string, Tone]> = { LINK: ["same customer", "good"], NEVER_LINK: ["not the same", "bad"], LATER: ["later", "plain"] };

const recordText = (of: DecisionPartsFragment["leftRecord"]) => (of ? `${of.source?.title ?? "a source"} ${of.externalId ?? ""}` : "a record that you may not see");

export const DecisionLine = ({ of, done }: { of: DecisionPartsFragment; done?: (text: string) => void }) => {
  const [text, tone] = KINDS[of.kind];
  const about = `${recordText(of.leftRecord)} and ${recordText(of.rightRecord)}`;
  return (
    <li>
      <span className="what"><Badge tone={of.undoneAt ? "plain" : tone}>{text}</Badge> <bdi>{about}</bdi>
        <small className="under"><time dateTime={of.madeAt}>{timeText(of.madeAt)}</time> by {of.by}{of.plan ? ", in a plan" : ""}{of.expiresAt ? `, until ${dayText(of.expiresAt)}` : ""}{of.reason ? <> · <bdi>{of.reason}</bdi></> : null}</small>
        {of.undoneAt ? <small className="under">Taken back {timeText(of.undoneAt)}{of.undoneBy ? ` by ${of.undoneBy}` : ""}{of.undoneReason ? `: ${of.undoneReason}` : ""}</small> : null}
      </span>
      {!of.undoneAt && done ? <UndoButton what="decision" id={of.id} about={about} done={done} /> : null}
    </li>
  );
};
