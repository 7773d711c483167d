/** To come. */

import { Empty } from '../components/states.tsx'

export function LiveView() {
  return <Empty icon="camera" title="Live" text="To come" />
}
