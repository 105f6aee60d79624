// Which rows of a long list are drawn: those that are seen and some around them. The others are only as much room as they take.
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** So many rows more are drawn above and below. */
const AROUND = 12;
const FIRST = 40;

export interface Shown { from: number; to: number; above: number; below: number }

/** All rows are equally high: one that is drawn is measured. */
export const useRows = (body: RefObject<HTMLElement | null>, length: number): Shown => {
  const [range, setRange] = useState({ from: 0, to: FIRST });
  const height = useRef(42);
  const measure = () => {
    const { current } = body;
    if (!current) return;
    height.current = current.querySelector("tr[aria-rowindex]")?.getBoundingClientRect().height || height.current;
    const top = -current.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor(top / height.current) - AROUND);
    const to = Math.ceil((top + innerHeight) / height.current) + AROUND;
    setRange((was) => (was.from === from && was.to === to ? was : { from, to }));
  };
  useLayoutEffect(measure, [length]);
  useEffect(() => {
    let frame = 0;
    const soon = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(measure); };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => { cancelAnimationFrame(frame); removeEventListener("scroll", soon); removeEventListener("resize", soon); };
  }, []);
  const from = Math.min(range.from, Math.max(0, length - FIRST));
  const to = Math.min(length, Math.max(range.to, from + 1));
  return { from, to, above: from * height.current, below: Math.max(0, length - to) * height.current };
};
