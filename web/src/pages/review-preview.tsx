// What the customer would be after merging, as the hub works it out. A digit, or a click, prefers the other value.
import { startTransition, useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { refusalText } from "../client";
import { MergePreviewQuery } from "../documents";
import { Badge, Words } from "../ui/parts";
import { Consents, TakesBack, type Preview } from "../ui/plan";
import { fieldName, plural, valueText } from "../words";
import type { Pair } from "./review-queue";

const PAUSE_MS = 150;

interface Word { value: unknown; text: string; record: string | undefined; by: string }
/** One line of the customer to be: what the hub says it would show, and what the two customers show now. */
export interface Row { path: string; text: string; words: readonly Word[] }

export const rowsOf = (of: Preview): Row[] => {
  const survivor = of.after[0]?.id;
  const paths = [...new Set(of.before.flatMap((one) => one.customer?.provenance.map((field) => field.path) ?? []))];
  return paths.map((path) => {
    const said = of.before.flatMap((one) => (one.customer?.provenance ?? []).filter((field) => field.path === path).map((field) => ({
      id: one.id, value: field.value, text: valueText(field.value), record: field.sourceRecord?.id, by: field.source?.title ?? "a source that you may not see",
    })));
    const planned = of.values.find((value) => value.path === path && value.customer === survivor);
    const text = planned ? valueText(planned.after) : said.find((one) => one.id === survivor)?.text ?? said[0]?.text ?? "no value";
    const words = said.filter((one, at) => said.findIndex((other) => other.text === one.text) === at);
    return { path, text, words };
  });
};

/** The rows with a choice, in the order of their digits. */
export const choicesOf = (rows: readonly Row[]) => rows.filter(({ words }) => words.length > 1 && words.every(({ record }) => record)).slice(0, 9);

interface Told { id: string; customers: readonly (string | undefined)[]; preview?: Preview | null | undefined; refused?: string | undefined }

/** Of pairs that nobody looks at yet so many answers are kept. */
const MOST_KEPT = 40;

/**
 * What would come of merging the pair that is shown. That of the pair after it is asked for once this one is there, so that it
 * is painted with its pair; whoever stays at a pair has it worked out anew.
 */
export const usePreview = (pair: Pair | undefined, next: Pair | undefined, may: boolean, isIdle: boolean) => {
  const client = useClient();
  const [told, setTold] = useState<Told>();
  const early = useRef(new Map<string, Told>());
  const [left, right] = [pair?.left?.id, pair?.right?.id];
  const ask = useCallback(async ({ id, left: one, right: other }: Pair): Promise<Told> => {
    const customers = [one?.id ?? "", other?.id ?? ""];
    const { data, error } = await client.query(MergePreviewQuery, { customers }, { requestPolicy: "network-only" }).toPromise();
    return { id, customers, preview: data?.mergePreview.preview, refused: refusalText(error, data?.mergePreview.userErrors) };
  }, [client]);
  useEffect(() => {
    if (!pair || !left || !right || !may) return undefined;
    let isHere = true;
    const timer = setTimeout(() => void ask(pair).then((answer) => { if (isHere) startTransition(() => setTold(answer)); }), PAUSE_MS);
    return () => { isHere = false; clearTimeout(timer); };
  }, [ask, pair?.id, left, right, may]);
  const shown = told && told.id === pair?.id ? told : pair && early.current.get(pair.id);
  const isThere = shown !== undefined;
  useEffect(() => {
    if (!isThere || !isIdle || !next?.left || !next.right || !may || early.current.has(next.id)) return undefined;
    let isHere = true;
    const timer = setTimeout(() => void ask(next).then((answer) => {
      if (!isHere || answer.refused) return;
      if (early.current.size >= MOST_KEPT) early.current.clear();
      early.current.set(next.id, answer);
    }), PAUSE_MS);
    return () => { isHere = false; clearTimeout(timer); };
  }, [ask, isThere, isIdle, next?.id, may]);
  /** Of customers about which something was decided, nothing holds that was worked out before; without a pair, of nobody. */
  const forget = useCallback((decided?: Pair) => {
    const touched = [decided?.left?.id, decided?.right?.id];
    for (const [id, { customers }] of early.current) if (!decided || customers.some((one) => touched.includes(one))) early.current.delete(id);
  }, []);
  return { told: shown, forget };
};

/** What is chosen against the rules: by path, the words. */
export type Flipped = ReadonlyMap<string, Word>;

export const flip = (row: Row, was: Flipped): Flipped => {
  const shown = was.get(row.path)?.text ?? row.text;
  const other = row.words[(row.words.findIndex((one) => one.text === shown) + 1) % row.words.length];
  const next = new Map(was);
  if (!other || other.text === row.text) next.delete(row.path);
  else next.set(row.path, other);
  return next;
};

export const AfterMerging = ({ told, rows, flipped, change }: { told: ReturnType<typeof usePreview>["told"]; rows: readonly Row[]; flipped: Flipped; change: (row: Row) => void }) => {
  const choices = choicesOf(rows);
  const preview = told?.preview;
  return (
    <section aria-labelledby="after" className="after" aria-busy={!told}>
      <h2 id="after">After merging</h2>
      {!told ? <div className="waiting" role="status"><span className="sr">Working it out</span>{[1, 2, 3, 4, 5].map((row) => <span key={row} className="bone" />)}</div> : null}
      {told?.refused ? <p className="note">{told.refused}</p> : null}
      {preview ? (
        <>
          <dl className="golden tight">
            {rows.map((row) => {
              const digit = choices.indexOf(row) + 1;
              const own = flipped.get(row.path);
              const by = own?.by ?? row.words.find((one) => one.text === row.text)?.by;
              return (
                <div key={row.path}>
                  <dt>{fieldName(row.path)}</dt>
                  <dd>
                    <Words of={own?.text ?? row.text} /> {own ? <Badge tone="busy">your choice</Badge> : null}
                    <small><bdi>{by ?? "put together"}</bdi>{digit > 0 ? <button type="button" className="flip" onClick={() => change(row)}><span className="sr">{fieldName(row.path)}: </span>{own ? "as the rules choose" : <>or <Words of={row.words.find((one) => one.text !== row.text)?.text ?? ""} /></>} <kbd>{digit}</kbd></button> : null}</small>
                  </dd>
                </div>
              );
            })}
          </dl>
          <Consents of={preview} />
          <TakesBack of={preview} />
          <p className="hint">{plural(preview.after[0]?.recordCount ?? 0, "record")} in one customer. Nothing is copied: Undo gives back what was.</p>
        </>
      ) : null}
    </section>
  );
};
