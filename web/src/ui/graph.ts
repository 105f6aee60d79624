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
