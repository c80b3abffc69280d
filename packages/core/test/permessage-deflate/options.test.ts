import { describe, expect, it } from 'vitest'
import {
  checkPerMessageDeflateOptions,
  type PerMessageDeflateOptions,
  resolvePerMessageDeflate,
} from '../../src/permessage-deflate/options.ts'
import { PROTOTYPE_NAMES } from '../handshake/hostile.ts'

const DEFAULTS = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: true,
  threshold: 1024,
  level: 1,
  memLevel: 8,
}

describe('resolvePerMessageDeflate', () => {
  it('turns compression off with false', () => {
    expect(resolvePerMessageDeflate(false)).toBeUndefined()
  })

  it.each([
    ['true', true],
    ['no option', {}],
    ['shared memory', { memory: 'shared' }],
    ['undefined options', { memory: undefined, threshold: undefined, zlibDeflateOptions: undefined }],
  ] as const)('takes over no context by default: %s', (_, options) => {
    expect(resolvePerMessageDeflate(options)).toEqual(DEFAULTS)
  })

  it('follows the peer with memory per connection', () => {
    expect(resolvePerMessageDeflate({ memory: 'per-connection' })).toEqual({
      ...DEFAULTS,
      serverNoContextTakeover: undefined,
      clientNoContextTakeover: undefined,
    })
  })

  it('keeps each option that is given', () => {
    const options: PerMessageDeflateOptions = {
      memory: 'per-connection',
      serverNoContextTakeover: false,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 10,
      threshold: 0,
      zlibDeflateOptions: { level: 6, memLevel: 5 },
    }
    expect(resolvePerMessageDeflate(options)).toEqual({
      serverNoContextTakeover: false,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 10,
      threshold: 0,
      level: 6,
      memLevel: 5,
    })
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(resolvePerMessageDeflate(true))).toBe(true)
  })
})

describe('checkPerMessageDeflateOptions', () => {
  it.each([8, 15])('accepts %d window bits', (bits) => {
    const options = { serverMaxWindowBits: bits, clientMaxWindowBits: bits }
    expect(() => checkPerMessageDeflateOptions(options)).not.toThrow()
  })

  it.each([
    [
      undefined,
      'perMessageDeflate must be true, false or an object such as { threshold: 1024 }, not undefined',
    ],
    ['on', 'perMessageDeflate must be true, false or an object such as { threshold: 1024 }, not on'],
    [null, 'perMessageDeflate must be true, false or an object such as { threshold: 1024 }, not null'],
    [[], 'perMessageDeflate must be true, false or an object such as { threshold: 1024 }, not '],
    [{ memory: 'none' }, "perMessageDeflate.memory must be 'shared' or 'per-connection', not none"],
    [
      { serverNoContextTakeover: 1 },
      'perMessageDeflate.serverNoContextTakeover must be true or false, not 1',
    ],
    [
      { clientNoContextTakeover: 'no' },
      'perMessageDeflate.clientNoContextTakeover must be true or false, not no',
    ],
    [
      { serverMaxWindowBits: 7 },
      'perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not 7',
    ],
    [
      { serverMaxWindowBits: 16 },
      'perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not 16',
    ],
    [
      { serverMaxWindowBits: 9.5 },
      'perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not 9.5',
    ],
    [
      { serverMaxWindowBits: '9' },
      'perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not 9',
    ],
    [
      { serverMaxWindowBits: true },
      'perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not true',
    ],
    [
      { clientMaxWindowBits: 7 },
      'perMessageDeflate.clientMaxWindowBits must be true, false or a whole number from 8 to 15, not 7',
    ],
    [
      { clientMaxWindowBits: '15' },
      'perMessageDeflate.clientMaxWindowBits must be true, false or a whole number from 8 to 15, not 15',
    ],
    [{ threshold: -1 }, 'perMessageDeflate.threshold must be a number of bytes, 0 to compress all, not -1'],
    [
      { threshold: Number.NaN },
      'perMessageDeflate.threshold must be a number of bytes, 0 to compress all, not NaN',
    ],
    [
      { zlibDeflateOptions: 6 },
      'perMessageDeflate.zlibDeflateOptions must be an object such as { level: 6 }, not 6',
    ],
    [
      { zlibDeflateOptions: { level: 10 } },
      'perMessageDeflate.zlibDeflateOptions.level must be a whole number from -1 to 9, not 10',
    ],
    [
      { zlibDeflateOptions: { memLevel: 0 } },
      'perMessageDeflate.zlibDeflateOptions.memLevel must be a whole number from 1 to 9, not 0',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => checkPerMessageDeflateOptions(options)).toThrow(new TypeError(`Option ${message}`))
  })

  it('lists the options there are where one is unknown', () => {
    expect(() => checkPerMessageDeflateOptions({ treshold: 10 })).toThrow(
      new TypeError(
        'There is no option perMessageDeflate.treshold; there are memory, serverNoContextTakeover, ' +
          'clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits, threshold, zlibDeflateOptions',
      ),
    )
    expect(() => checkPerMessageDeflateOptions({ zlibDeflateOptions: { chunkSize: 64 } })).toThrow(
      new TypeError(
        'There is no option perMessageDeflate.zlibDeflateOptions.chunkSize; there are level, memLevel',
      ),
    )
  })

  it.each(PROTOTYPE_NAMES)('does not take %s for an option', (name) => {
    const options = Object.fromEntries([[name, true]])
    expect(() => checkPerMessageDeflateOptions(options)).toThrow(
      `There is no option perMessageDeflate.${name};`,
    )
  })

  it.each(['serverNoContextTakeover', 'clientNoContextTakeover'])(
    'says how to keep contexts where %s: false meets shared memory',
    (name) => {
      expect(() => checkPerMessageDeflateOptions({ [name]: false })).toThrow(
        new TypeError(
          `Option perMessageDeflate.${name}: false keeps contexts, and shared memory keeps none; ` +
            "write memory: 'per-connection' beside it, or leave it out",
        ),
      )
      const options = { [name]: false, memory: 'per-connection' }
      expect(() => checkPerMessageDeflateOptions(options)).not.toThrow()
    },
  )
})
