export { duplexPair } from '@upwire/core/internal'
export {
  binary,
  close,
  continuation,
  type FrameOptions,
  frame,
  MASKING_KEY,
  ping,
  pong,
  readClose,
  readFrames,
  text,
  type WireFrame,
} from './frames.ts'
export type { ResponseHead } from './http-message.ts'
export {
  INVALID_CLIENT_FRAMES,
  INVALID_SERVER_FRAMES,
  type InvalidFrames,
  oversizedMessages,
} from './invalid-frames.ts'
export {
  type Counts,
  expectNoHandles,
  type Incident,
  listenerCounts,
  openHandles,
  type ProcessWatch,
  watchProcess,
} from './leak-check.ts'
export {
  type ConnectOptions,
  handshakeBytes,
  RawClient,
  type RawConnection,
  rawConnect,
  rawRequest,
  rawUpgrade,
  SAMPLE_ACCEPT,
  SAMPLE_KEY,
  type Target,
  type UpgradeOptions,
} from './raw-client.ts'
export { type ServerProcess, spawnServer } from './server-process.ts'
export { type TestWatch, watchEachTest } from './watch-each-test.ts'
