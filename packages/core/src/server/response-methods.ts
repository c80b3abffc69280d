import type { ServerResponse } from 'node:http'

type Method = (this: ServerResponse, ...args: unknown[]) => never

/** By which an application speaks through a response. */
const NAMES = [
  'addTrailers',
  'appendHeader',
  'end',
  'flushHeaders',
  'removeHeader',
  'setHeader',
  'setHeaders',
  'write',
  'writeContinue',
  'writeEarlyHints',
  'writeHead',
  'writeProcessing',
] as const

type Methods = Readonly<Record<(typeof NAMES)[number], Method>>

/** On a response that has methods of its own. */
const OWNER = Symbol('upwire.ownMethods')

interface Owner extends ServerResponse {
  [OWNER]?: true
}

/** Every one goes on to what the prototype of the response has at the time. */
const LIVE = methods((name) => {
  return function (...args) {
    return Reflect.apply(Reflect.get(prototypeOf(this), name), this, args)
  }
})

/** Every one does nothing but to call back who waits for it. */
const INERT = methods((name) => {
  return function (...args) {
    const callback = args.at(-1)
    if (typeof callback === 'function') process.nextTick(() => callback())
    return (name === 'write' ? true : this) as never
  }
})

/**
 * Gives a new response methods of its own, which do what they did. Frameworks replace the prototype of a response at any
 * time, so that only what lies on the object itself can be taken away later. It lies there from the beginning, for to add
 * one property to an object whose prototype was replaced costs V8 2.5 µs.
 */
export function ownMethods(response: Owner): void {
  response[OWNER] = true
  setMethods(response, LIVE)
}

/** From now on, what the application does to the response does nothing: it could not know, and must not fail for it. */
export function makeInert(response: ServerResponse): void {
  setMethods(response, INERT)
}

/** One by one: copied in a loop, they would make a hash table of the object. */
function setMethods(response: ServerResponse, methods: Methods): void {
  response.addTrailers = methods.addTrailers
  response.appendHeader = methods.appendHeader
  response.end = methods.end
  response.flushHeaders = methods.flushHeaders
  response.removeHeader = methods.removeHeader
  response.setHeader = methods.setHeader
  response.setHeaders = methods.setHeaders
  response.write = methods.write
  response.writeContinue = methods.writeContinue
  response.writeEarlyHints = methods.writeEarlyHints
  response.writeHead = methods.writeHead
  response.writeProcessing = methods.writeProcessing
}

/** A framework may call it through an object that was made of the response. */
function prototypeOf(response: object): object {
  const prototype = Object.getPrototypeOf(response)
  return Object.hasOwn(response, OWNER) ? prototype : prototypeOf(prototype)
}

function methods(make: (name: string) => Method): Methods {
  return Object.fromEntries(NAMES.map((name) => [name, make(name)])) as Methods
}
