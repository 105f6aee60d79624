// The review queue: pairs that may be the same, side by side, with what speaks for and against.
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { useClient } from "urql";
import { PairQuery } from "../documents";
import { useActions } from "../ui/keys";
import { Pager, pageSize } from "../ui/pager";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { band, count, percent } from "../words";
import { useClaim } from "./review-claim";
import { Deciding, useSteward } from "./review-decide";
import { FacetBar, filterOf, orderOf } from "./review-facets";
import { PairView } from "./review-pair";
import { AfterMerging, choicesOf, flip, rowsOf, usePreview, type Flipped } from "./review-preview";
import { useQueue, type Pair, type Queue } from "./review-queue";

const route = getRouteApi("/shell/review");
const PAGE = 50;
/** The address follows once the steward stays: what is painted never waits for it. */
const STAY_MS = 250;

const Row = memo(({ pair, isShown, choose }: { pair: Pair; isShown: boolean; choose: (id: string) => void }) => (
  <li>
    <button type="button" aria-current={isShown ? "true" : undefined} onClick={() => choose(pair.id)}>
      <span className="queue-name few"><bdi>{pair.left?.displayName ?? "Without a name"}</bdi></span>
      <Badge>{percent(pair.probability)}</Badge>
      <small className="whole one"><bdi>{pair.right?.displayName ?? "Without a name"}</bdi></small>
      <small className="whole few"><bdi>{pair.leftRecord?.source?.title ?? "?"}</bdi> ↔ <bdi>{pair.rightRecord?.source?.title ?? "?"}</bdi> · {band(pair.probability)}{pair.desk?.assignee ? ` · ${pair.desk.assignee}` : ""}</small>
    </button>
  </li>
));

/** The pair of the address, also where it is on no page that is shown. */
const useWanted = (wanted: string | undefined, queue: ReturnType<typeof useQueue>) => {
  const client = useClient();
  const asked = useRef<string>(undefined);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    if (!wanted || !queue.isRead || asked.current === wanted) return;
    asked.current = wanted;
    setMissing(false);
    if (queue.pairs.some((pair) => pair.id === wanted)) { queue.choose(wanted); return; }
    if (queue.isGone(wanted)) return;
    void client.query(PairQuery, { id: wanted }).toPromise().then(({ data }) => {
      if (data?.node?.__typename !== "MatchCandidate") { setMissing(true); return; }
      queue.add(data.node);
      queue.choose(wanted);
    });
  }, [wanted, queue.isRead]);
  return { isMissing, own: (id: string) => { asked.current = id; } };
};

export const ReviewPage = () => {
  const { pair: wanted, after, before, ...facets } = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const { me, may } = useSteward();
  const place = { ...(after ? { after } : {}), ...(before ? { before } : {}) };
  const queue = useQueue({ filter: filterOf(facets, me), orderBy: orderOf(facets), ...place, ...pageSize(place, PAGE) }, may ? me : undefined);
  const { isMissing, own } = useWanted(wanted, queue);
  const { pairs, chosen, choose } = queue;
  const was = useRef(0);
  const known = pairs.findIndex((pair) => pair.id === chosen);
  // Where the pair went away, the one that took its place is next.
  const at = known >= 0 ? known : Math.min(was.current, Math.max(0, pairs.length - 1));
  was.current = at;
  const shown = pairs[at];
  const { isTaken } = useClaim(may ? shown?.id : undefined, queue.isGone);
  const { told, forget } = usePreview(shown, pairs[at + 1], may, queue.waiting === 0);
  const deciding: Queue = {
    ...queue,
    decide: (pair, choice) => { forget(pair); queue.decide(pair, choice); },
    undo: () => { forget(); queue.undo(); },
  };
  const rows = useMemo(() => (told?.preview ? rowsOf(told.preview) : []), [told]);
  const [flips, setFlips] = useState<{ id: string; of: Flipped }>();
  const flipped: Flipped = flips && flips.id === shown?.id ? flips.of : new Map();
  const change = (row: (typeof rows)[number] | undefined) => { if (row && shown) setFlips({ id: shown.id, of: flip(row, flipped) }); };

  useEffect(() => {
    if (!shown || shown.id === wanted) return undefined;
    const timer = setTimeout(() => {
      // Somebody who is on the way to another page is not called back.
      if (router.state.location.pathname !== "/review") return;
      own(shown.id);
      void navigate({ search: (all) => ({ ...all, pair: shown.id }), replace: true, resetScroll: false });
    }, STAY_MS);
    return () => clearTimeout(timer);
  }, [shown?.id, wanted]);
  const step = (by: number) => {
    const next = pairs[at + by];
    if (!next) return;
    choose(next.id);
    document.querySelectorAll(".queue li")[at + by]?.scrollIntoView({ block: "nearest" });
  };
  // Whoever did not ask for this very pair goes on to one that is free.
  const byHand = useRef(wanted);
  const writes = useRef(false);
  useEffect(() => {
    if (!isTaken || writes.current || byHand.current === shown?.id || at + 1 >= pairs.length) return;
    queue.setSaid({ text: `Somebody else works at ${shown?.left?.displayName ?? "that pair"}: here is the next pair.` });
    step(1);
  }, [isTaken]);
  const pick = useMemo(() => (id: string) => { byHand.current = id; choose(id); }, []);
  useActions({
    next: () => step(1), previous: () => { byHand.current = pairs[at - 1]?.id; step(-1); },
    digit: (n) => change(choicesOf(rows)[n - 1]),
    why: () => { if (shown?.leftRecord && shown.rightRecord) void navigate({ to: "/explain", search: { a: shown.leftRecord.id, b: shown.rightRecord.id } }); },
    graph: () => { if (shown?.left) void navigate({ to: "/customers/$id", params: { id: shown.left.id }, search: { tab: "together" } }); },
  });
  const pins = [...flipped].flatMap(([path, { record }]) => (record ? [{ path, record }] : []));
  return (
    <Page title="Review" lead={typeof queue.total === "number" ? `${count(queue.total)} possible duplicates` : " "}>
      <FacetBar me={me} mayDecide={may} seen={queue.info} />
      {queue.error ? <Failed error={queue.error} /> : null}
      {!queue.isRead && !queue.error ? <Waiting rows={12} /> : null}
      {queue.isRead && pairs.length === 0 ? <Empty>{queue.waiting > 0 ? "Saving what you decided…" : "No pair that you may see waits here."}</Empty> : null}
      {isMissing ? <p className="note">The pair of this address no longer waits, or you may not see it.</p> : null}
      {queue.isRead && may && me ? <Deciding pair={shown} queue={deciding} me={me} isTaken={isTaken} pins={pins} writes={writes} /> : null}
      {isTaken ? <p className="note">Somebody else has this pair in hand. It is free again in two minutes at most, unless they go on with it.</p> : null}
      {shown ? (
        <div className="review">
          <div className="queue-side">
            <ul className="queue" aria-label="Pairs">{pairs.map((pair) => <Row key={pair.id} pair={pair} isShown={pair.id === shown.id} choose={pick} />)}</ul>
            {queue.info ? <Pager info={queue.info} go={(to) => void navigate({ search: ({ pair: _, after: _a, before: _b, ...all }) => ({ ...all, ...to }) })} /> : null}
          </div>
          <PairView pair={shown}>{may ? <AfterMerging told={told} rows={rows} flipped={flipped} change={change} /> : null}</PairView>
        </div>
      ) : null}
    </Page>
  );
};
