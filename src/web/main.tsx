/**
 * The control room: the page that the operator looks at.
 *
 * In `web` belongs what runs in the browser. Of the server it knows src/wire alone, and of src/wire/api the types.
 */

import './styles/tokens.css'
import './styles/base.css'
import './styles/components.css'
import './styles/shell.css'
import './styles/live.css'
import './styles/dock.css'
import { render } from 'preact'
import { followSettings } from './api/settings.ts'
import { followRoom } from './api/stream.ts'
import { toast } from './components/toasts.tsx'
import { followCommands } from './control/command.ts'
import { followIdleTake } from './control/nobody.ts'
import { reconnectStreams } from './live/player.ts'
import { followAddress } from './router.ts'
import { App } from './shell/app.tsx'
import { followDevices } from './shell/has-boards.ts'
import { t } from './shell/shell-texts.ts'
import { followTheme } from './theme.ts'

followTheme()
followAddress()
followSettings()
followCommands()
followIdleTake()
followDevices()
followRoom((isRestarted) => {
  toast({ kind: 'green', text: isRestarted ? t().restarted : t().back })
  // Also after a restart: a camera page keeps its id, and the way there may have been cut without a word.
  reconnectStreams()
})
render(<App />, document.getElementById('app')!)
