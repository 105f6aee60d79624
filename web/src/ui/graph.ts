// Where the records of a customer are drawn: the same picture for the same records, whoever looks and whenever.

export interface Link { a: string; b: string }
export interface Spot { x: number; y: number }

const ROUNDS = 220;

/** Places between 14 and 86 (percent). Linked ones pull, all others push; no chance is in it. */
export const layOut = (ids: readonly string[], links: readonly Link[]): ReadonlyMap<string, Spot> => {
  const spots = ids.map((_, at) => ({ x: Math.cos((2 * Math.PI * at) / ids.length), y: Math.sin((2 * Math.PI * at) / ids.length) }));
  const at = new Map(ids.map((id, index) => [id, index]));
  const pairs = links.flatMap(({ a, b }) => { const [one, other] = [spots[at.get(a) ?? -1], spots[at.get(b) ?? -1]]; return one && other ? [[one, other] as const] : []; });
  for (let round = 0; round < ROUNDS; round += 1) {
    const heat = 0.08 * (1 - round / ROUNDS);
    const push = (one: Spot, other: Spot, strength: (length: number) => number) => {
      const [dx, dy] = [other.x - one.x, other.y - one.y];
      const length = Math.max(0.05, Math.hypot(dx, dy));
      const force = Math.max(-1, Math.min(1, strength(length))) * heat;
      one.x -= (dx / length) * force; one.y -= (dy / length) * force;
      other.x += (dx / length) * force; other.y += (dy / length) * force;
    };
    spots.forEach((one, index) => { for (const other of spots.slice(index + 1)) push(one, other, (length) => 0.35 / (length * length)); });
    for (const [one, other] of pairs) push(one, other, (length) => -(length - 0.7) * 2);
  }
  const range = (values: number[]) => { const low = Math.min(...values); const wide = Math.max(...values) - low; return (value: number) => (wide < 0.01 ? 50 : 14 + ((value - low) / wide) * 72); };
  const [x, y] = [range(spots.map((spot) => spot.x)), range(spots.map((spot) => spot.y))];
  return new Map(ids.map((id, index) => { const spot = spots[index] ?? { x: 0, y: 0 }; return [id, { x: x(spot.x), y: y(spot.y) }]; }));
};

/** How much of the drawing a record takes, in percent of its width and height. */
export interface Size { w: number; h: number }

const PUSHES = 400;

/** Moves those that lie over each other apart, and none over the edge. Where that comes to no end each has a line of its own. */
export const apart = (spots: ReadonlyMap<string, Spot>, { w, h }: Size): ReadonlyMap<string, Spot> => {
  const all = [...spots].map(([id, spot]) => ({ id, ...spot }));
  for (let round = 0; round < PUSHES; round += 1) {
    let isDone = true;
    all.forEach((one, index) => {
      for (const other of all.slice(index + 1)) {
        const [dx, dy] = [other.x - one.x, other.y - one.y];
        const [x, y] = [w - Math.abs(dx), h - Math.abs(dy)];
        if (x <= 0 || y <= 0) continue;
        isDone = false;
        const by = x / w < y / h ? { x: (Math.sign(dx) || 1) * (x / 2 + 0.1), y: 0 } : { x: 0, y: (Math.sign(dy) || 1) * (y / 2 + 0.1) };
        one.x -= by.x; one.y -= by.y; other.x += by.x; other.y += by.y;
      }
      one.x = Math.min(100 - w / 2, Math.max(w / 2, one.x));
      one.y = Math.min(100 - h / 2, Math.max(h / 2, one.y));
    });
    if (isDone) return new Map(all.map(({ id, x, y }) => [id, { x, y }]));
  }
  return inLines(spots, h / 2);
};

/** Each record has a line of its own, as on a narrow screen: left and right in turn, in the order of the drawing from top to bottom. */
export const inLines = (spots: ReadonlyMap<string, Spot>, edge = 50 / spots.size): ReadonlyMap<string, Spot> => {
  const order = [...spots].toSorted(([a, one], [b, other]) => one.y - other.y || one.x - other.x || a.localeCompare(b));
  return new Map(order.map(([id], at) => [id, { x: at % 2 === 0 ? 25 : 75, y: edge + ((100 - 2 * edge) * at) / Math.max(1, order.length - 1) }]));
};

export interface Line { path: string; middle: Spot }

/** From one to the other; where both are on one side of a narrow drawing, around what lies between them. */
export const lineOf = (a: Spot, b: Spot, around: "straight" | "around"): Line => {
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  if (around === "straight" || a.x !== b.x) return { path: `M${a.x} ${a.y}L${b.x} ${b.y}`, middle };
  const bend = 100 - a.x;
  return { path: `M${a.x} ${a.y}Q${bend} ${middle.y} ${b.x} ${b.y}`, middle: { x: 50, y: middle.y } };
};
