/** To come. */

import { Loading } from '../components/states.tsx'

export function LibraryView() {
  return <Loading />
}
