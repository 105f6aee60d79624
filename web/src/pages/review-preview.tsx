// What the customer would be after merging, as the hub works it out. A digit, or a click, prefers the other value.
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { refusalText } from "../client";
import { MergePreviewQuery } from "../documents";
import { Badge } from "../ui/parts";
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

export const usePreview = (pair: Pair | undefined, may: boolean) => {
  const client = useClient();
  const [told, setTold] = useState<{ id: string; preview?: Preview | null | undefined; refused?: string | undefined }>();
  const [left, right] = [pair?.left?.id, pair?.right?.id];
  useEffect(() => {
    if (!pair || !left || !right || !may) return undefined;
    let isHere = true;
    const timer = setTimeout(() => {
      void client.query(MergePreviewQuery, { customers: [left, right] }, { requestPolicy: "network-only" }).toPromise().then(({ data, error }) => {
        if (isHere) setTold({ id: pair.id, preview: data?.mergePreview.preview, refused: refusalText(error, data?.mergePreview.userErrors) });
      });
    }, PAUSE_MS);
    return () => { isHere = false; clearTimeout(timer); };
  }, [client, pair?.id, left, right, may]);
  return told && told.id === pair?.id ? told : undefined;
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

export const AfterMerging = ({ told, rows, flipped, change }: { told: ReturnType<typeof usePreview>; rows: readonly Row[]; flipped: Flipped; change: (row: Row) => void }) => {
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
                    <bdi>{own?.text ?? row.text}</bdi> {own ? <Badge tone="busy">your choice</Badge> : null}
                    <small>{by ?? "put together"}{digit > 0 ? <button type="button" className="flip" onClick={() => change(row)}><span className="sr">{fieldName(row.path)}: </span>{own ? "as the rules choose" : `or ${row.words.find((one) => one.text !== row.text)?.text ?? ""}`} <kbd>{digit}</kbd></button> : null}</small>
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
