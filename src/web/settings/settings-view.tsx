/** To come. */

import { Loading } from '../components/states.tsx'

export function SettingsView() {
  return <Loading />
}
