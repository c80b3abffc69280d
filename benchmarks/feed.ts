/** The length of each message of the feed. */
export const feedBytes = 826

/** More of them than a window of 32 KiB holds: none is sent again while a compressor can refer to it. */
const messages = 64

/** JSON messages that resemble each other as those of one feed do, the same in every process. */
export const feed: readonly Buffer[] = makeFeed()

function makeFeed(): Buffer[] {
  let state = 7
  const below = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state % limit
  }
  const item = () => ({
    id: below(1e6),
    name: `user-${below(1e4)}`,
    at: 1.7e12 + below(1e9),
    price: below(1e4) / 100,
    active: below(2) === 1,
  })
  return Array.from({ length: messages }, () => {
    const items = Array.from({ length: 9 }, item)
    return Buffer.from(JSON.stringify({ type: 'update', items }).padEnd(feedBytes))
  })
}
