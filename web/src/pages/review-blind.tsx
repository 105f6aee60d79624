// Pairs that are judged without knowing what matching thought of them: some of a sample, some of the queue, and none says which.
import { Link } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "urql";
import { refusalText } from "../client";
import { BlindJudgeMutation, BlindNextMutation } from "../documents";
import type { BlindNextMutation as NextData } from "../gql/graphql";
import { useActions } from "../ui/keys";
import { Empty, Page, Waiting, Words } from "../ui/parts";
import { count, fieldName } from "../words";
import { KeyButton, useSteward } from "./review-decide";

type Blind = NonNullable<NextData["blindReviewNext"]["pair"]>;
const REASON = "Judged in the console without knowing the score";

const sideOf = (record: Blind["leftRecord"]) => <>{record?.source?.title ?? "A source"} <code>{record?.externalId ?? ""}</code></>;

export default function BlindPage() {
  const client = useClient();
  const { me, may } = useSteward();
  const [pair, setPair] = useState<Blind | null>();
  const [refused, setRefused] = useState<string>();
  const [judged, setJudged] = useState(0);
  const [isBusy, setBusy] = useState(false);

  const next = useCallback(async () => {
    const { data, error } = await client.mutation(BlindNextMutation, {}).toPromise();
    const wrong = refusalText(error, data?.blindReviewNext.userErrors);
    setRefused(wrong);
    setPair(wrong ? undefined : data?.blindReviewNext.pair ?? null);
  }, [client]);
  useEffect(() => { if (may) void next(); }, [may, next]);

  const judge = async (same: boolean) => {
    if (!pair || isBusy) return;
    setBusy(true);
    const input = { id: pair.id, same, reason: REASON, idempotencyKey: `blind:${pair.id}:${Date.now()}` };
    const { data, error } = await client.mutation(BlindJudgeMutation, { input }).toPromise();
    const wrong = refusalText(error, data?.blindReviewJudge.userErrors);
    setRefused(wrong);
    if (!wrong) { await next(); setJudged((n) => n + 1); }
    setBusy(false);
  };
  useActions({ merge: () => void judge(true), apart: () => void judge(false) });

  if (me && !may) return <Page title="Judge blind"><Empty>Only stewards judge.</Empty></Page>;
  return (
    <Page title="Judge blind" lead={<>Without the score, so that nothing leads you · <Link to="/review">back to the queue</Link></>}>
      <section className="deciding" aria-label="Judge">
        <div className="row">
          <KeyButton main action="merge" text="Same customer" disabled={!pair || isBusy} act={() => void judge(true)} />
          <KeyButton action="apart" text="Not the same" disabled={!pair || isBusy} act={() => void judge(false)} />
        </div>
        <p role="status" className="hint said">{judged > 0 ? `${count(judged)} judged. ` : ""}{pair ? "Your first word counts. Where it contradicts what matching did, it is a decision, and History takes it back." : ""}</p>
      </section>
      {refused ? <p role="alert" className="note bad">{refused} <button type="button" className="button small" onClick={() => void next()}>Try again</button></p> : null}
      {pair === undefined && !refused ? <Waiting rows={8} /> : null}
      {pair === null ? <Empty>No pair is left for you to judge.</Empty> : null}
      {pair ? (
        <article className="card" aria-label="Two records">
          <table className="pair blind stack">
            <caption className="sr">What both records say</caption>
            <thead><tr><th scope="col">Field</th><th scope="col">{sideOf(pair.leftRecord)}</th><th scope="col">{sideOf(pair.rightRecord)}</th></tr></thead>
            <tbody>{pair.lines.map((line) => (
              <tr key={line.attribute}><th scope="row">{fieldName(line.attribute)}</th>{([["One", line.left], ["The other", line.right]] as const).map(([side, text]) => <td key={side} data-of={side}>{text ? <Words of={text} /> : <span className="none">no value</span>}</td>)}</tr>
            ))}</tbody>
          </table>
          {pair.lines.length === 0 ? <Empty>Nothing of both is shown to you whole.</Empty> : null}
        </article>
      ) : null}
    </Page>
  );
}
