// Starting a sync, and watching it until it ends.
import { RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { useMutation, useQuery } from "urql";
import { SyncStartMutation, ViewerQuery } from "../documents";
import { count, lasted, plural } from "../words";
import { errorText, refusalText } from "../client";
import { readOf, useRun, useSilence } from "./run";
import { RunState } from "./state";
import { Streams } from "./streams";

/** Whether the button is offered. Whether the sync starts is for the hub to say. */
export const useMaySync = (department: string | undefined): boolean => {
  const [viewer] = useQuery({ query: ViewerQuery });
  const who = viewer.data?.viewer;
  return department !== undefined && who !== undefined && (who.departments.includes(department) || who.roles.includes("operator"));
};

export const SyncButton = ({ source, title, busy, started }: { source: string; title: string; busy: boolean; started: (run: string) => void }) => {
  const [start, run] = useMutation(SyncStartMutation);
  const [refused, setRefused] = useState<string>();
  const press = async () => {
    const { data, error } = await run({ source });
    setRefused(refusalText(error, data?.syncStart.userErrors));
    if (data?.syncStart.run) started(data.syncStart.run.id);
  };
  return (
    <>
      <button type="button" className="button" disabled={busy || start.fetching} onClick={() => void press()} aria-label={`Sync now: ${title}`}><RefreshCw aria-hidden size={15} /> Sync now</button>
      {refused ? <p role="alert" className="note bad">{refused}</p> : null}
    </>
  );
};

export const Watched = ({ id, ended }: { id: string; ended: () => void }) => {
  const { run, error, how } = useRun(id);
  const silent = useSilence(run);
  const isRunning = run?.state === "RUNNING";
  const isOver = run !== undefined && !isRunning;
  useEffect(() => { if (isOver) ended(); }, [isOver, id]);
  if (!run) return error ? <p role="alert" className="note bad">{errorText(error)}</p> : null;
  const total = readOf(run);
  const seconds = Math.max(1, ((run.finishedAt ? Date.parse(run.finishedAt) : Date.now()) - Date.parse(run.startedAt)) / 1000);
  const done = run.streams.filter((stream) => stream.state !== "RUNNING").length;
  return (
    <section className="card watched" aria-labelledby="watched" data-how={how}>
      <h2 id="watched">{isRunning ? "Now" : "This run"} <RunState state={run.state} /></h2>
      {error ? <p role="alert" className="note bad">{errorText(error)}</p> : null}
      <p role="status">{isRunning
        ? `${count(total)} read so far; ${done} of ${plural(run.streams.length, "stream")} done; ${count(Math.round(total / seconds))} a second.`
        : `${count(total)} read in ${run.finishedAt ? lasted(run.startedAt, run.finishedAt) : "an unknown time"}.`}</p>
      {silent ? <p className="note">No news for {Math.floor(silent / 1000)} s. The run goes on; a system may be slow, or ask the hub to wait.</p> : null}
      {run.error ? <p className="note bad">{run.error}</p> : null}
      {isRunning ? <progress aria-label="The sync is running" /> : null}
      <Streams of={run.streams} />
    </section>
  );
};
