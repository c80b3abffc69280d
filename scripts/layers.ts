import { readFileSync } from 'node:fs'
import { checkLayers } from './layers/check-layers.ts'
import * as table from './layers/table.ts'
import { sourceFiles } from './source-files.ts'

const sources = new Map(sourceFiles('.').map((file) => [file, readFileSync(file, 'utf8')]))
const objections = checkLayers(sources, table)
for (const objection of objections) console.error(objection)
console.log(`${sources.size} files, ${objections.length} objections`)
if (objections.length > 0) process.exitCode = 1
