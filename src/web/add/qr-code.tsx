/** A QR code: dark on white in both themes, as readers want it. */

import { encode } from 'uqr'
import { qrPath } from './qr-path.ts'

/** @param props.label - Says what it holds, for who cannot see it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, side } = qrPath(encode(text, { ecc: 'M', border: 0 }).data)
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
