import { expect, it } from 'vitest'
import { openAllBut, withFewFiles } from '../../test/support/few-files.ts'

it('are those last known while no file descriptor is left', async () => {
  const { printed, code } = await withFewFiles(`
    import { interfacesOfMachine } from ${JSON.stringify(new URL('./interfaces.ts', import.meta.url).href)}
    const before = interfacesOfMachine()
    ${openAllBut(0)}
    console.log(interfacesOfMachine() === before)`)
  expect(printed).toBe('true\n')
  expect(code).toBe(0)
})
