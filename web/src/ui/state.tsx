// The states of a sync run, as words with a tone.
import type { SyncState } from "../gql/graphql";
import { Badge, type Tone } from "./parts";

const STATES: Record<SyncState, [string, Tone]> = {
  SUCCEEDED: ["succeeded", "good"], PARTIAL: ["some streams failed", "warn"], FAILED: ["failed", "bad"],
  INTERRUPTED: ["interrupted", "warn"], CANCELLED: ["cancelled", "warn"], RUNNING: ["running", "busy"],
};

export const RunState = ({ state }: { state: SyncState }) => {
  const [text, tone] = STATES[state];
  return <Badge tone={tone}>{text}</Badge>;
};
