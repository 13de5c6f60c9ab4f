const PATHS = {
  overview: "M3 12h4l3-8 4 16 3-8h4",
  runs: "M7 4.5v15l12-7.5z",
  workflows: "M5 4h5v5H5zM14 15h5v5h-5zM7.5 9v4.5a3 3 0 0 0 3 3H14",
  agents:
    "M12 3v3M6 8h12a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM9.5 12.5v2M14.5 12.5v2",
  knowledge:
    "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM5 3.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM19 4.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7 16.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6.5 6.8 10.2 10.3M17.2 7.5 14.2 10.6M8.2 16.8 10.6 14",
  systems: "M12 3v6M12 9H6v5M12 9h6v5M4 14h4v5H4zM16 14h4v5h-4zM12 9v5M10 14h4v5h-4z",
  cluster: "M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01",
  letters: "M4 6h16v12H4zM4 7l8 6 8-6",
  audit: "M6 3h9l4 4v14H6zM14 3v5h5M9 13l2 2 4-4",
  keys: "M14.5 9.5a4 4 0 1 0-3.7 4L12 15h2v2h2v2h4v-3.2l-5.6-5.5a4 4 0 0 0 .1-.8zM9.5 8.5h.01",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4",
  sun:
    "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M5 19l1.5-1.5M17.5 6.5 19 5",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  retry: "M20 11A8 8 0 1 0 18 17M20 5v6h-6",
  stop: "M6 6h12v12H6z",
  pause: "M8 5v14M16 5v14",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5h.01",
  signOut: "M14 4H5v16h9M10 12h10M17 8.5l3.5 3.5-3.5 3.5",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  back: "M19 12H5M11 6l-6 6 6 6",
  arrowRight: "M5 12h14M13 6l6 6-6 6",
  chevron: "M9 6l6 6-6 6",
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside a word, or in a button that has an `aria-label`: readers skip it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
