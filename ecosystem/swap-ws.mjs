// Loaded with --import: makes `ws` the name of @upwire/ws, for import and for require(), as an npm override does.
import * as nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'
import { isMainThread } from 'node:worker_threads'

const built = pathToFileURL(`${process.env.UPWIRE_BUILT}/swapped.js`)
const required = nodeModule.createRequire(built).resolve('@upwire/ws')

export function resolve(specifier, context, next) {
  if (specifier !== 'ws') return next(specifier, context)
  if (context.conditions.includes('require')) return next(required, context)
  return next('@upwire/ws', { ...context, parentURL: built.href })
}

/** Node before 22.15 asks hooks about `import` alone, in a thread of their own. */
function registerForOlderNode() {
  nodeModule.register(import.meta.url)
  const { Module } = nodeModule
  const { _resolveFilename: original } = Module
  Module._resolveFilename = function (request, ...rest) {
    return original.call(this, request === 'ws' ? required : request, ...rest)
  }
}

if (nodeModule.registerHooks) nodeModule.registerHooks({ resolve })
else if (isMainThread) registerForOlderNode()
