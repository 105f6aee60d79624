// The review queue: pairs that may be the same, side by side, with what speaks for and against.
import { getRouteApi } from "@tanstack/react-router";
import { useQuery } from "urql";
import { ReviewQuery } from "../documents";
import type { ReviewQuery as ReviewData } from "../gql/graphql";
import { useKeys } from "../ui/keys";
import { Pager, pageSize } from "../ui/pager";
import { Badge, Empty, Failed, Page, Waiting } from "../ui/parts";
import { band, count, percent } from "../words";
import { Deciding, type Settled } from "./review-decide";
import { PairView } from "./review-pair";

export type Pair = ReviewData["matchCandidates"]["nodes"][number];
const route = getRouteApi("/shell/review");
const LEAST = [["", "all"], ["0.5", "at least 50 %"], ["0.8", "at least 80 %"], ["0.9", "at least 90 %"]] as const;

const Queue = ({ pairs, at, choose }: { pairs: readonly Pair[]; at: number; choose: (index: number) => void }) => (
  <ul className="queue" aria-label="Pairs">
    {pairs.map((pair, index) => (
      <li key={pair.id}>
        <button type="button" aria-current={index === at ? "true" : undefined} onClick={() => choose(index)}>
          <span className="queue-name"><bdi>{pair.left?.displayName ?? "Without a name"}</bdi></span>
          <Badge>{percent(pair.probability)}</Badge>
          <small className="whole"><bdi>{pair.right?.displayName ?? "Without a name"}</bdi></small>
          <small className="whole">{pair.leftRecord?.source?.title ?? "?"} ↔ {pair.rightRecord?.source?.title ?? "?"} · {band(pair.probability)}</small>
        </button>
      </li>
    ))}
  </ul>
);

export const ReviewPage = () => {
  const { pair: wanted, min, after, before } = route.useSearch();
  const navigate = route.useNavigate();
  const place = { ...(after ? { after } : {}), ...(before ? { before } : {}) };
  const least = Number(min);
  const [list, again] = useQuery({ query: ReviewQuery, variables: { ...(least > 0 && least < 1 ? { min: least } : {}), ...place, ...pageSize(place, 25) } });
  const found = list.data?.matchCandidates;
  const pairs = found?.nodes ?? [];
  const known = pairs.findIndex((pair) => pair.id === wanted);
  const at = Math.max(0, known);
  const choose = (index: number) => {
    const next = pairs[index];
    if (!next) return;
    void navigate({ search: (was) => ({ ...was, pair: next.id }), replace: true, resetScroll: false });
    document.querySelectorAll(".queue li")[index]?.scrollIntoView({ block: "nearest" });
  };
  useKeys({ j: () => choose(at + 1), k: () => choose(at - 1) });
  const shown = pairs[at];
  const settled = (what: Settled) => {
    if (what === "decided") {
      const next = pairs[at + 1]?.id;
      void navigate({ search: ({ pair: _, ...was }) => ({ ...was, ...(next ? { pair: next } : {}) }), replace: true, resetScroll: false });
    }
    again({ requestPolicy: "network-only" });
  };
  return (
    <Page title="Review" lead={typeof found?.totalCount === "number" ? `${count(found.totalCount)} possible duplicates` : " "}
      actions={<label className="field">Probability <select value={min ?? ""} onChange={(event) => void navigate({ search: event.target.value ? { min: event.target.value } : {} })}>{LEAST.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select></label>}>
      {list.error ? <Failed error={list.error} /> : null}
      {!found && !list.error ? <Waiting rows={12} /> : null}
      {found && pairs.length === 0 ? <Empty>No pair that you may see waits here.</Empty> : null}
      {wanted && found && known < 0 && pairs.length > 0 ? <p className="note">The pair of this address is not on this page of the queue: the first one is shown.</p> : null}
      {found ? <Deciding pair={shown} settled={settled} /> : null}
      {shown && found ? (
        <div className="review">
          <div className="queue-side">
            <p className="hint"><kbd>J</kbd> next, <kbd>K</kbd> previous</p>
            <Queue pairs={pairs} at={at} choose={choose} />
            <Pager info={found.pageInfo} go={(to) => void navigate({ search: { ...(min ? { min } : {}), ...to } })} />
          </div>
          <PairView pair={shown} />
        </div>
      ) : null}
    </Page>
  );
};
