/** The control room: the page that the operator looks at. */

import { render } from 'preact'

function App() {
  return <h1>Rollcall</h1>
}

render(<App />, document.getElementById('app')!)
