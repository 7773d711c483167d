/** To come. */

import { Loading } from '../components/states.tsx'

export function AddView() {
  return <Loading />
}
