import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const output = `${here}node_modules/.cache/programs`

/** Packages run as they were installed; only our own sources are compiled. */
const installedPackagesStayOutside: Plugin = {
  name: 'installed-packages-stay-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path.startsWith('@upwire/') ? undefined : { path, external: true },
    )
  },
}

/**
 * Compiles programs (paths relative to this folder, without their extension) to plain JavaScript, so that no loader
 * runs inside a measured process. Returns where the compiled file of a program is.
 */
export async function compile(programs: readonly string[]): Promise<(program: string) => string> {
  await build({
    entryPoints: programs.map((program) => `${here}${program}.ts`),
    outbase: here,
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@upwire/source'],
    plugins: [installedPackagesStayOutside],
    logLevel: 'silent',
  })
  return (program) => `${output}/${program}.mjs`
}
