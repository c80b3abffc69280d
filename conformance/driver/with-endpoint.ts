import type { Target } from '../targets/targets.ts'
import { ClientUnderTest } from './client-under-test.ts'
import type { Endpoint } from './endpoint.ts'
import { Program } from './program.ts'
import { ServerUnderTest } from './server-under-test.ts'

/** Starts a target, lets `use` converse with it, and ends it. Rejects when the target ended by itself. */
export async function withEndpoint<T>(
  { name, role }: Target,
  use: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  const { program, ready } = await Program.start(name)
  try {
    const result =
      role === 'server' ? await use(new ServerUnderTest(ready.port!)) : await withClient(program, use)
    program.checkAlive()
    return result
  } finally {
    await program.stop()
  }
}

async function withClient<T>(program: Program, use: (endpoint: Endpoint) => Promise<T>): Promise<T> {
  const client = await ClientUnderTest.listen((url) => program.tell({ url }))
  try {
    return await use(client)
  } finally {
    client.close()
  }
}
