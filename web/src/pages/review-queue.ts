// The queue as a steward works through it: a decision counts at once on the screen and is saved behind it, in order. What
// could not be saved comes back with the reason. Undo reaches back over reloads: the hub knows every decision.
import { startTransition, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useClient, type CombinedError } from "urql";
import { DecideMutation, DecisionsQuery, PinMutation, PlanUndoMutation, ReviewQuery, UndoMutation, UnpinMutation } from "../documents";
import type { DecisionKind, DecisionPartsFragment, PairPartsFragment, ReviewQuery as ReviewData, ReviewQueryVariables } from "../gql/graphql";
import { refusalText } from "../client";

export type Pair = PairPartsFragment;
type Found = ReviewData["matchCandidates"];

/** How a pair was decided; what the customer is to show of it is pinned with it. */
export interface Choice { kind: DecisionKind; reason: string; pins: readonly { path: string; record: string }[] }
interface Entry { pair: Pair; at: number; choice: Choice; text: string; decision?: string; pins: string[] }
/** Since when the hub knows: before that its list does not show it yet. */
interface Held { pair: Pair; at: number; known?: number }

/** Fewer than this many are left: more are asked for. */
const FEW = 12;
const IDLE_MS = 400;
const EVERY_MS = 20_000;
const DAY_MS = 86_400_000;

const callOf = (of: Pair["left"]) => of?.displayName ?? "a record without a name";
const wordsOf = ({ left, right }: Pair, kind: DecisionKind) => {
  const both = `${callOf(left)} and ${callOf(right)}`;
  return kind === "LINK" ? `${both} are one customer.` : kind === "NEVER_LINK" ? `${both} stay apart.` : `${both} come again tomorrow.`;
};

/** Once what was decided is on the screen: saving it takes nothing from the frame that shows the next pair. */
const painted = () => new Promise<void>((done) => {
  if (document.hidden) done();
  else requestAnimationFrame(() => setTimeout(done));
});

const texts = new WeakMap<Pair, string>();
const textOf = (pair: Pair) => { const text = texts.get(pair) ?? JSON.stringify(pair); texts.set(pair, text); return text; };

/** What is as it was stays the same object, so that only what is new is drawn anew. */
const kept = (found: Found, was: Found | undefined): Found => {
  const before = new Map(was?.nodes.map((pair) => [pair.id, pair]));
  return { ...found, nodes: found.nodes.map((pair) => { const old = before.get(pair.id); return old && textOf(old) === textOf(pair) ? old : pair; }) };
};

export interface Said { text: string; isBad?: boolean }

export const useQueue = (variables: ReviewQueryVariables, me: string | undefined) => {
  const client = useClient();
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState<CombinedError>();
  const [gone, setGone] = useState<ReadonlyMap<string, Held>>(new Map());
  const [back, setBack] = useState<ReadonlyMap<string, Held>>(new Map());
  const [done, setDone] = useState<readonly Entry[]>([]);
  const [earlier, setEarlier] = useState<readonly DecisionPartsFragment[]>([]);
  const [said, setSaid] = useState<Said>();
  const [waiting, setWaiting] = useState(0);
  const [chosen, choose] = useState<string>();
  const chain = useRef(Promise.resolve());
  const clock = useRef(0);
  const latest = useRef(0);
  const key = JSON.stringify(variables);
  const wanted = useRef(key);
  wanted.current = key;

  const refresh = useCallback(async () => {
    const asked = ++clock.current;
    const answer = await client.query(ReviewQuery, JSON.parse(key) as ReviewQueryVariables, { requestPolicy: "network-only" }).toPromise();
    // A later answer is here, or another filter was chosen meanwhile.
    if (asked < latest.current || wanted.current !== key) return;
    latest.current = asked;
    const fresh = answer.data?.matchCandidates;
    const unknown = (was: ReadonlyMap<string, Held>) => new Map([...was].filter(([, held]) => held.known === undefined || held.known > asked));
    // A key that is pressed meanwhile comes first.
    startTransition(() => {
      setError(answer.error);
      if (!fresh) return;
      setFound((was) => kept(fresh, was));
      setGone(unknown);
      setBack(unknown);
    });
  }, [client, key]);

  useEffect(() => { setFound(undefined); void refresh(); }, [refresh]);
  useEffect(() => {
    if (!me) return;
    void client.query(DecisionsQuery, { standing: true, first: 50 }, { requestPolicy: "network-only" }).toPromise()
      .then(({ data }) => setEarlier((data?.decisions.nodes ?? []).filter((one) => one.by === me)));
  }, [client, me]);

  const pairs = useMemo(() => {
    const all = (found?.nodes ?? []).filter((pair) => !gone.has(pair.id) && !back.has(pair.id));
    for (const { pair, at } of [...back.values()]) all.splice(Math.min(at, all.length), 0, pair);
    return all;
  }, [found, gone, back]);
  const listed = useMemo(() => new Set(found?.nodes.map((pair) => pair.id)), [found]);
  const total = typeof found?.totalCount === "number"
    ? found.totalCount - [...gone.keys()].filter((id) => listed.has(id)).length + [...back.keys()].filter((id) => !listed.has(id)).length : undefined;

  // Whoever else decides is seen after a while; whatever was decided here is seen once it is saved.
  const isShort = pairs.length < FEW && (found?.pageInfo.hasNextPage ?? false);
  useEffect(() => {
    if (waiting > 0 && !isShort) return undefined;
    const isBehind = [...gone.values(), ...back.values()].some((held) => held.known !== Infinity);
    const soon = isBehind ? setTimeout(() => void refresh(), IDLE_MS) : undefined;
    const timer = setInterval(() => { if (!document.hidden) void refresh(); }, EVERY_MS);
    return () => { clearTimeout(soon); clearInterval(timer); };
  }, [waiting, isShort, gone, back, refresh]);

  const inOrder = (work: () => Promise<void>) => {
    setWaiting((n) => n + 1);
    const shown = painted();
    chain.current = chain.current.then(() => shown).then(work).catch(() => undefined).finally(() => startTransition(() => setWaiting((n) => n - 1)));
  };
  const without = (was: ReadonlyMap<string, Held>, id: string) => { const next = new Map(was); next.delete(id); return next; };
  const hide = (held: Held) => { setBack((was) => without(was, held.pair.id)); setGone((was) => new Map(was).set(held.pair.id, held)); };
  const show = (held: Held) => { setGone((was) => without(was, held.pair.id)); setBack((was) => new Map(was).set(held.pair.id, held)); };
  const knownNow = (set: typeof setGone, id: string) => {
    const known = ++clock.current;
    startTransition(() => set((was) => { const held = was.get(id); return held ? new Map(was).set(id, { ...held, known }) : was; }));
  };

  const pin = async (entry: Entry) => {
    for (const { path, record } of entry.choice.pins) {
      const input = { path, record, reason: entry.choice.reason, idempotencyKey: `${entry.decision ?? ""}:${path}` };
      const { data, error } = await client.mutation(PinMutation, { input }).toPromise();
      const refused = refusalText(error, data?.valuePin.userErrors);
      if (data?.valuePin.pin) entry.pins.push(data.valuePin.pin.id);
      if (refused) setSaid({ text: `${entry.text} But the value that you chose could not be pinned: ${refused}`, isBad: true });
    }
  };

  const decide = (pair: Pair, choice: Choice) => {
    const { leftRecord, rightRecord } = pair;
    if (!leftRecord || !rightRecord) return;
    const at = Math.max(0, pairs.findIndex((one) => one.id === pair.id));
    const entry: Entry = { pair, at, choice, text: wordsOf(pair, choice.kind), pins: [] };
    hide({ pair, at });
    choose(pairs[at + 1]?.id ?? pairs[at - 1]?.id);
    setDone((was) => [...was, entry]);
    setSaid({ text: entry.text });
    const until = choice.kind === "LATER" ? { until: new Date(Date.now() + DAY_MS).toISOString() } : {};
    const input = { leftRecord: leftRecord.id, rightRecord: rightRecord.id, decision: choice.kind, reason: choice.reason, idempotencyKey: `${pair.id}:${choice.kind}:${Date.now()}`, ...until };
    inOrder(async () => {
      const { data, error } = await client.mutation(DecideMutation, { input }).toPromise();
      const refused = refusalText(error, data?.matchDecide.userErrors);
      const made = data?.matchDecide.decision;
      if (refused || !made) {
        show({ pair, at, known: ++clock.current });
        choose(pair.id);
        setDone((was) => was.filter((one) => one !== entry));
        setSaid({ text: `${callOf(pair.left)} and ${callOf(pair.right)} are back, for that was not saved: ${refused ?? "the hub gave no answer."}`, isBad: true });
        return;
      }
      entry.decision = made.id;
      await pin(entry);
      knownNow(setGone, pair.id);
    });
  };

  const undoEntry = (entry: Entry) => {
    show({ pair: entry.pair, at: entry.at });
    choose(entry.pair.id);
    setDone((was) => was.filter((one) => one !== entry));
    setSaid({ text: `Taken back: ${entry.text}` });
    inOrder(async () => {
      // It could not be saved, so there is nothing to take back.
      if (!entry.decision) return;
      const reason = "Taken back in the console";
      for (const id of entry.pins) await client.mutation(UnpinMutation, { input: { id, reason } }).toPromise();
      const { data, error } = await client.mutation(UndoMutation, { input: { id: entry.decision, reason } }).toPromise();
      const refused = refusalText(error, data?.decisionUndo.userErrors);
      if (refused) {
        hide({ pair: entry.pair, at: entry.at, known: ++clock.current });
        setDone((was) => [...was, entry]);
        setSaid({ text: `It still stands, for taking it back failed: ${refused}`, isBad: true });
      } else knownNow(setBack, entry.pair.id);
    });
  };

  const undoEarlier = (one: DecisionPartsFragment) => {
    setEarlier((was) => was.filter((other) => other !== one));
    inOrder(async () => {
      const input = { id: one.plan ?? one.id, reason: "Taken back in the console" };
      const answer = one.plan ? await client.mutation(PlanUndoMutation, { input }).toPromise() : await client.mutation(UndoMutation, { input }).toPromise();
      const userErrors = answer.data && ("planUndo" in answer.data ? answer.data.planUndo.userErrors : answer.data.decisionUndo.userErrors);
      const refused = refusalText(answer.error, userErrors);
      if (refused) {
        setEarlier((was) => [one, ...was]);
        setSaid({ text: `It still stands, for taking it back failed: ${refused}`, isBad: true });
        return;
      }
      setSaid({ text: `Taken back: what you decided about ${one.leftRecord?.externalId ?? "a record"} and ${one.rightRecord?.externalId ?? "a record"}${one.plan ? ", with the whole plan" : ""}.` });
      await refresh();
    });
  };

  const last = done[done.length - 1];
  const before = earlier[0];
  const undo = () => { if (last) undoEntry(last); else if (before) undoEarlier(before); };

  return { pairs, total, info: found?.pageInfo, isRead: found !== undefined, error, decide, undo, canUndo: Boolean(last ?? before), decided: done.length, waiting, said, setSaid, chosen, choose, refresh, add: (pair: Pair) => show({ pair, at: 0, known: Infinity }), isGone: (id: string) => gone.has(id) };
};
export type Queue = ReturnType<typeof useQueue>;
