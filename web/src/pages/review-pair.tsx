// One pair: both records side by side, the weights, and what would come of merging.
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import { Fields, Waterfall } from "../ui/evidence";
import { useKeyOf } from "../ui/keys";
import { Badge, Restrictions } from "../ui/parts";
import { band, percent, timeText } from "../words";
import { DeskLine } from "./review-desk";
import type { Pair } from "./review-queue";

const Kbd = ({ of }: { of: "why" | "graph" }) => { const key = useKeyOf(of); return key ? <kbd>{key}</kbd> : null; };

export const PairView = memo(({ pair, children }: { pair: Pair; children?: ReactNode }) => (
  <article className="card pair-card" aria-labelledby="pair-title">
    <header className="pair-head">
      <h2 id="pair-title"><bdi>{pair.left?.displayName ?? "Without a name"}</bdi> <span aria-hidden>↔</span><span className="sr">and</span> <bdi>{pair.right?.displayName ?? "Without a name"}</bdi></h2>
      <Badge>{band(pair.probability)} · {percent(pair.probability)}</Badge>
    </header>
    {pair.sentence ? <p className="sentence">{pair.sentence}</p> : null}
    <DeskLine pair={pair} />
    <div className="pair-body">
      <div className="column">
        <Fields of={pair} />
        <p className="row links">
          {pair.leftRecord && pair.rightRecord ? <Link to="/explain" search={{ a: pair.leftRecord.id, b: pair.rightRecord.id }}>Why, why not <Kbd of="why" /></Link> : null}
          {pair.left ? <Link to="/customers/$id" params={{ id: pair.left.id }} search={{ tab: "together" }}>How it is held together <Kbd of="graph" /></Link> : null}
        </p>
        <p className="hint">Found {timeText(pair.foundAt)} by model {pair.model}.</p>
      </div>
      <div className="column">
        <Waterfall of={pair} />
        {children}
      </div>
    </div>
    <Restrictions of={pair.restrictions} />
  </article>
));
