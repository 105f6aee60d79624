// A sync run as it goes: told over the socket at each change, and asked for every second where there is no socket.
import { useEffect, useRef, useState } from "react";
import { useQuery, useSubscription, type CombinedError } from "urql";
import { RunLive, RunQuery } from "../documents";
import type { RunQuery as RunData } from "../gql/graphql";

export type Run = Extract<NonNullable<RunData["node"]>, { __typename?: "SyncRun" }>;

const EVERY_MS = 1000;
/** Whoever waits is told that nothing was heard for so long. */
const SILENT_MS = 15_000;

export interface Watching { run: Run | undefined; error: CombinedError | undefined; how: "told" | "asked" }

export const useRun = (id: string | undefined): Watching => {
  const [live] = useSubscription({ query: RunLive, variables: { id: id ?? "" }, pause: !id });
  const how = live.error ? "asked" : "told";
  const [read, again] = useQuery({ query: RunQuery, variables: { id: id ?? "" }, requestPolicy: "network-only", pause: !id || how === "told" });
  // What was told before the socket broke is known still.
  const last = useRef<Run>(undefined);
  const asked = read.data?.node?.__typename === "SyncRun" ? read.data.node : undefined;
  const heard = how === "told" ? live.data?.syncRun : asked;
  if (heard) last.current = heard;
  const run = last.current?.id === id ? last.current : undefined;
  const goesOn = run === undefined ? !(read.data && !asked) : run.state === "RUNNING";
  useEffect(() => {
    if (how === "told" || !id || !goesOn) return undefined;
    const timer = setInterval(() => again({ requestPolicy: "network-only" }), EVERY_MS);
    return () => clearInterval(timer);
  }, [how, id, goesOn, again]);
  return { run, error: how === "asked" ? read.error : undefined, how };
};

export const readOf = (run: { streams: readonly { read: number }[] }) => run.streams.reduce((sum, stream) => sum + stream.read, 0);

/** For how long its numbers have been the same, in milliseconds, once that is long. */
export const useSilence = (run: Run | undefined): number | undefined => {
  const isRunning = run?.state === "RUNNING";
  const numbers = run ? `${run.id} ${run.streams.map((stream) => `${stream.state} ${stream.read} ${stream.pages}`).join()}` : "";
  const since = useRef({ numbers, at: Date.now() });
  if (since.current.numbers !== numbers) since.current = { numbers, at: Date.now() };
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  const silent = isRunning ? now - since.current.at : 0;
  return silent >= SILENT_MS ? silent : undefined;
};
