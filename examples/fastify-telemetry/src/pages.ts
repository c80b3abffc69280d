import { fileURLToPath } from 'node:url'

/** What everybody may load. */
export const PUBLIC = fileURLToPath(new URL('../public', import.meta.url))

/** What routes decide about. */
export const PAGES = fileURLToPath(new URL('../pages', import.meta.url))
