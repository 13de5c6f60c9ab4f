import { useEffect, useState } from "preact/hooks";

/** Rows beyond the window that are kept, so that scrolling shows no gaps. */
const SPARE_ROWS = 8;

/** Rows that are to be made: `from` and `to` of `count`. */
export interface RowsSeen {
  from: number;
  to: number;
}

/** Which rows of a long list a scrolling element shows. */
export function rowsIn(
  place: { top: number; height: number },
  rowHeight: number,
  count: number,
): RowsSeen {
  const from = Math.max(0, Math.floor(place.top / rowHeight) - SPARE_ROWS);
  const to = Math.ceil((place.top + place.height) / rowHeight) + SPARE_ROWS;
  return { from: Math.min(from, count), to: Math.min(count, Math.max(to, 0)) };
}

/** Follows an element that scrolls. @param head height of what stands above the rows in it */
export function useRowsSeen(
  element: { current: HTMLElement | null },
  rowHeight: number,
  count: number,
  head = 0,
): RowsSeen {
  const [place, setPlace] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const scrolled = element.current!;
    const read = () => {
      const { scrollTop, clientHeight } = scrolled;
      setPlace((old) =>
        old.top === scrollTop && old.height === clientHeight
          ? old
          : { top: scrollTop, height: clientHeight }
      );
    };
    const sizes = new ResizeObserver(read);
    sizes.observe(scrolled);
    scrolled.addEventListener("scroll", read, { passive: true });
    return () => {
      sizes.disconnect();
      scrolled.removeEventListener("scroll", read);
    };
  }, []);
  return rowsIn({ top: place.top - head, height: place.height }, rowHeight, count);
}
