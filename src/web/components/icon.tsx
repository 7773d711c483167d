/** Line icons on a grid of 24, drawn with the colour of the text around them. For the eye only: words stand beside or in a label. */

const PATHS = {
  live: 'M3 5h8v6H3zM13 5h8v6h-8zM3 13h8v6H3zM13 13h8v6h-8z',
  library: 'M4 5h16v14H4zM4 9h16M9 5v4M15 5v4M10 12l5 2.5-5 2.5z',
  board: 'M7 7h10v10H7zM10 10h4v4h-4zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
  add: 'M7 3h10v18H7zM12 9v6M9 12h6',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  snapshot: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  expand: 'M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5',
  shrink: 'M4 9h5V4M20 9h-5V4M4 15h5v5M20 15h-5v5',
  edit: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  alert: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.3',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.3',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
  out: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H9',
  turning: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
  star: 'M12 4l2.4 5.2 5.6.7-4.1 3.9 1 5.6-4.9-2.8-4.9 2.8 1-5.6L4 9.9l5.6-.7z',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  download: 'M12 4v11M7 10.5l5 5 5-5M4 20h16',
  play: 'M7 4.5l12 7.5-12 7.5z',
  pause: 'M8 5v14M16 5v14',
  stop: 'M6 6h12v12H6z',
  undo: 'M4 9h10a5 5 0 0 1 0 10H8M8 5L4 9l4 4',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  back: 'M14 5l-7 7 7 7',
  forward: 'M10 5l7 7-7 7',
  more: 'M5 12h.1M12 12h.1M19 12h.1',
  disk: 'M4 13l2.5-8h11l2.5 8v6H4zM4 13h16M16.5 16v.1',
  camera: 'M3 7h12v10H3zM15 11l6-3.5v9L15 13z',
  torch: 'M13 3L5 13.5h6L10 21l9-11h-6.5z',
  flip: 'M4 11a8 8 0 0 1 14-4.5L20 9M20 4v5h-5M20 13a8 8 0 0 1-14 4.5L4 15M4 20v-5h5',
  battery: 'M3 8h15v8H3zM21.5 11v2M6 11v2',
  heat: 'M12 13.5V5a2 2 0 1 0-4 0v8.5a4.5 4.5 0 1 0 4 0zM10 9v8M16 5h4M16 9h3',
  slow: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 3',
} as const

export type IconName = keyof typeof PATHS

/** @param size - CSS pixels, 20 when left out; more on large screens, as type has. */
export function Icon({
  name,
  size = 20,
  class: className,
}: {
  name: IconName
  size?: number
  class?: string
}) {
  return (
    <svg
      class={className}
      width={size}
      height={size}
      style={{ width: `calc(${size}px * var(--icon))`, height: `calc(${size}px * var(--icon))` }}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'more' ? 3 : 1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
