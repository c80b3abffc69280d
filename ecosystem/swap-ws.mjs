// Loaded with --import: makes `ws` the name of @upwire/ws, for import and for require(), as an npm override does.
import * as nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'
import { isMainThread } from 'node:worker_threads'

const built = pathToFileURL(`${process.env.UPWIRE_BUILT}/swapped.js`)

export function resolve(specifier, context, next) {
  if (specifier !== 'ws') return next(specifier, context)
  return next('@upwire/ws', { ...context, parentURL: built.href })
}

/** Node before 22.15 asks hooks about `import` alone, in a thread of their own. */
function registerForOlderNode() {
  nodeModule.register(import.meta.url)
  const { Module } = nodeModule
  const path = nodeModule.createRequire(built).resolve('@upwire/ws')
  const { _resolveFilename: original } = Module
  Module._resolveFilename = function (request, ...rest) {
    return original.call(this, request === 'ws' ? path : request, ...rest)
  }
}

if (nodeModule.registerHooks) nodeModule.registerHooks({ resolve })
else if (isMainThread) registerForOlderNode()
