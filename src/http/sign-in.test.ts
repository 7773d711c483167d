import { expect, it } from 'vitest'
import type { Secrets } from './secrets.ts'
import { SignIn } from './sign-in.ts'

it('lets no more guesses through when many come at the same moment', async () => {
  const content = { accessToken: 'a'.repeat(43), watchToken: 'w'.repeat(43), cameraKey: 'c', cookieKey: 'k' }
  const secrets = { current: async () => content } as unknown as Secrets
  const signIn = new SignIn({ secrets, clock: { wallMs: () => 0, monotonicMs: () => 0 } })
  const guesses = Array.from({ length: 100 }, () => signIn.roleOfToken('wrong', '192.0.2.1'))
  const results = await Promise.allSettled(guesses)
  const codes = results.map((result) => result.status === 'rejected' && result.reason.code)
  expect(codes.filter((code) => code === 'UNAUTHORIZED')).toHaveLength(10)
  expect(codes.filter((code) => code === 'TOO_MANY_FAILURES')).toHaveLength(90)
})
