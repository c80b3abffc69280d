import { text } from '@upwire/testkit'
import { describe, expect, it } from 'vitest'
import { heartbeatFor } from '../../src/websocket/heartbeat.ts'
import { planFor } from '../../src/websocket/plan.ts'
import { Receiver } from '../../src/websocket/receiver.ts'
import { DEFAULT_RECEPTION, resolveReception } from '../../src/websocket/reception.ts'
import { StreamedReceiver } from '../../src/websocket/streamed-receiver.ts'
import { brokenRule } from '../support/broken-rule.ts'
import { MessageRecorder } from '../support/message-recorder.ts'
import { settingsWith } from '../support/open-pair.ts'

const IGNORING = { text() {}, binary() {}, ping() {}, pong() {}, close() {} }

describe('the plan for settings', () => {
  it('is made once for all connections of a route', () => {
    const settings = settingsWith()
    expect(planFor(settings)).toBe(planFor(settings))
    expect(planFor(settings).settings).toBe(settings)
  })

  it('is another one for another route', () => {
    const [plan, other] = [planFor(settingsWith()), planFor(settingsWith())]
    expect(plan).not.toBe(other)
    expect(plan.receivers).not.toBe(other.receivers)
  })

  it('has the heartbeat that looks often enough for its limits', () => {
    const settings = settingsWith({ limits: { pingInterval: 400 } })
    expect(planFor(settings).heartbeat).toBe(heartbeatFor(settings.limits))
  })

  it('has the reception of its settings, which its receivers know, or the default', () => {
    expect(planFor(settingsWith()).reception).toBe(DEFAULT_RECEPTION)
    const reception = resolveReception({ skipUTF8Validation: true })
    const plan = planFor({ ...settingsWith(), reception })
    expect(plan.reception).toBe(reception)
    const invalid = text(Buffer.of(0xff))
    const receiver = plan.receivers.take() as Receiver
    expect(() => receiver.lendTo({ ...IGNORING }).push(invalid, 0)).not.toThrow()
  })

  it('has receivers with its role and limits, of which 16 wait for work at most', () => {
    const { receivers } = planFor(settingsWith({ limits: { maxPayload: 2 } }))
    const recorder = new MessageRecorder()
    const receiver = (receivers.take() as Receiver).lendTo(recorder)
    receiver.push(text('ab'), 0)
    expect(recorder.events).toEqual(['text:ab'])
    expect(brokenRule(() => receiver.push(text('abc'), 0))).toBe('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')

    const take = () => Array.from({ length: 20 }, () => receivers.take())
    const burst = take()
    for (const one of burst) receivers.giveBack(one)
    expect(take().filter((one) => burst.includes(one))).toHaveLength(16)
  })

  it('has receivers of their own for messages that are read while they arrive', () => {
    const settings = settingsWith()
    const streamed = { ...settings, handling: { ...settings.handling, messages: 'streamed' as const } }
    expect(planFor(settings).receivers.take()).toBeInstanceOf(Receiver)
    expect(planFor(streamed).receivers.take()).toBeInstanceOf(StreamedReceiver)
  })
})
