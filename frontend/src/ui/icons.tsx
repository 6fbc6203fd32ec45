import type { ReactNode } from 'react';

type IconName = keyof typeof paths;

type IconProps = { name: IconName; size?: number };

/** A drawing beside a name or a label: it says nothing by itself. */
export function Icon({ name, size = 18 }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {paths[name]}
    </svg>
  );
}

const thumb: ReactNode = (
  <path d="M7 11v9H4.5A1.5 1.5 0 0 1 3 18.5v-6A1.5 1.5 0 0 1 4.5 11H7zm0 0 4-7.5a2.4 2.4 0 0 1 2.4 2.8L13 9.5h5.6a2 2 0 0 1 2 2.4l-1.2 6.5A2 2 0 0 1 17.4 20H7" />
);

const paths = {
  add: <path d="M12 5v14M5 12h14" />,
  archive: <path d="M4 8.5h16V18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8.5zM3 4h18v4.5H3V4zm7 9h4" />,
  attach: (
    <path d="m20 11.5-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.7" />
  ),
  back: <path d="M19 12H5m6-6-6 6 6 6" />,
  chart: <path d="M4 4v16h16M8 15.5l3.5-4.5 3 2.5L19.5 7" />,
  /** Keeps the room of another. */
  blank: <g />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  chip: <path d="M7 7h10v10H7V7zm3-4v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4" />,
  close: <path d="M6 6l12 12M18 6 6 18" />,
  copy: (
    <path d="M9 9h9a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2V9zm-3 6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2" />
  ),
  down: <path d="M12 5v14m-6-6 6 6 6-6" />,
  download: <path d="M12 4v11m-5-4.5 5 5 5-5M5 20h14" />,
  edit: <path d="M4 20h4L19.5 8.5a2.1 2.1 0 0 0-3-3L5 17l-1 3zM14.5 7.5l3 3" />,
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
      <circle cx="12" cy="12" r="2.8" />
    </>
  ),
  file: <path d="M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8l-5-5zm0 0v5h5M9 13h6M9 17h4" />,
  folder: <path d="M3.5 6.5a2 2 0 0 1 2-2h4l2.2 2.5h6.8a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2v-11z" />,
  keyboard: (
    <path d="M4.5 6.5h15a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM6.5 10h.1M10.2 10h.1M13.8 10h.1M17.4 10h.1M8.5 14h7" />
  ),
  key: <path d="M13 11 20.5 3.5M17 7l2.5 2.5M14.5 9.5l2 2M13 16a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zm-1.3-3.2L13 11" />,
  left: <path d="m14.5 6-6 6 6 6" />,
  list: <path d="M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.1M4.5 12h.1M4.5 17.5h.1" />,
  menu: <path d="M4 7h16M4 12h16M4 17h10" />,
  more: (
    <g fill="currentColor" stroke="none">
      <circle cx="5.5" cy="12" r="1.6" />
      <circle cx="12" cy="12" r="1.6" />
      <circle cx="18.5" cy="12" r="1.6" />
    </g>
  ),
  library: <path d="M5 4v16M10 4v16M14.2 4.8l4.6 15M3 20h4.5M8 20h4M3 4h4M8 4h4" />,
  newChat: (
    <path d="M20 12.5V18a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h5.5M18.4 3.6a1.9 1.9 0 0 1 2.7 2.7L13 14.4l-3.5.9.9-3.5 8-8.2z" />
  ),
  pin: <path d="M9 4h6l-.8 6 3.3 3.5v1.5h-11v-1.5L9.8 10 9 4zm3 11v5.5" />,
  quote: <path d="M4 5.5h16M4 10h16M4 14.5h9M4 19h6" />,
  regenerate: <path d="M20 11a8 8 0 0 0-14.3-4L4 9m0-5v5h5M4 13a8 8 0 0 0 14.3 4L20 15m0 5v-5h-5" />,
  right: <path d="m9.5 6 6 6-6 6" />,
  settings: (
    <>
      <path d="M4 7.5h9M19 7.5h1M4 16.5h1M11 16.5h9" />
      <circle cx="16" cy="7.5" r="2.6" />
      <circle cx="8" cy="16.5" r="2.6" />
    </>
  ),
  shield: <path d="M12 3.5 4.5 6v5.5c0 4.6 3.1 7.7 7.5 9 4.4-1.3 7.5-4.4 7.5-9V6L12 3.5z" />,
  search: (
    <>
      <circle cx="11" cy="11" r="6.5" />
      <path d="m20 20-4.3-4.3" />
    </>
  ),
  send: <path d="M12 19V5m-6 6 6-6 6 6" />,
  shared: (
    <>
      <circle cx="9" cy="8" r="3.2" />
      <path d="M3 19.5c0-3.3 2.7-5.5 6-5.5s6 2.2 6 5.5M15.5 5a3.2 3.2 0 0 1 0 6M17.5 14.4c2.1.7 3.5 2.6 3.5 5.1" />
    </>
  ),
  signOut: <path d="M14 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h8m-4-8h11m-4-4 4 4-4 4" />,
  stop: <rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" stroke="none" />,
  thumbDown: <g transform="rotate(180 12 12)">{thumb}</g>,
  thumbUp: thumb,
  trash: <path d="M4 6.5h16M9.5 6V4h5v2M6 6.5 7 20h10l1-13.5M10 10.5v6M14 10.5v6" />,
  unfold: <path d="m7 10 5 5 5-5" />,
  user: (
    <>
      <circle cx="12" cy="8" r="3.8" />
      <path d="M4.5 20c.4-3.6 3.4-6 7.5-6s7.1 2.4 7.5 6" />
    </>
  ),
  upload: <path d="M12 16V5M7 9.5l5-5 5 5M5 20h14" />,
  warning: <path d="M12 4 2.8 19.5h18.4L12 4zm0 6v4.5m0 2.7v.1" />,
} as const satisfies Record<string, ReactNode>;

/** The mark of the product. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="#17604f" />
      <path
        d="M9 8.5h14A2.5 2.5 0 0 1 25.5 11v8a2.5 2.5 0 0 1-2.5 2.5h-7.2L11 25.6v-4.1H9A2.5 2.5 0 0 1 6.5 19v-8A2.5 2.5 0 0 1 9 8.5z"
        fill="#fff"
      />
      <path d="M10.8 13h10.4M10.8 17h6.4" stroke="#17604f" strokeWidth="2" strokeLinecap="round" fill="none" />
    </svg>
  );
}
