import type { Role } from './role.ts'

/** How messages in one direction are compressed (RFC 7692 §7.1). */
export interface Direction {
  /** Every message begins with an empty window. Default false. */
  readonly noContextTakeover?: boolean
  /** 8 to 15: the base-two logarithm of the window's size. Default 15. */
  readonly windowBits?: number
}

/** permessage-deflate as a case wants it. */
export interface Compression {
  /** How the endpoint under test is to compress. */
  readonly endpoint?: Direction
  /** How the driver will. */
  readonly driver?: Direction
}

/** The parameters of RFC 7692 §7.1 by their names; true is a parameter without a value. */
export interface Parameters {
  readonly server_no_context_takeover?: true
  readonly client_no_context_takeover?: true
  readonly server_max_window_bits?: number
  readonly client_max_window_bits?: number | true
}

/** What both sides hold to, once it is agreed. */
export interface Agreement {
  readonly server: Required<Direction>
  readonly client: Required<Direction>
}

export const MAX_WINDOW_BITS = 15

/** The offer of a driver that is the client. It lets the server limit the client's window (§7.1.2.2). */
export function offerOf({ endpoint = {}, driver = {} }: Compression): Parameters {
  return {
    ...(endpoint.noContextTakeover && { server_no_context_takeover: true }),
    ...(driver.noContextTakeover && { client_no_context_takeover: true }),
    ...(endpoint.windowBits && { server_max_window_bits: endpoint.windowBits }),
    client_max_window_bits: driver.windowBits ?? true,
  }
}

/**
 * The response of a driver that is the server. Nothing where the client's offer leaves no room for what the case wants:
 * only a client that offered it can be told the size of its window (§7.1.2.2).
 */
export function responseTo(
  offer: Parameters,
  { endpoint = {}, driver = {} }: Compression,
): Parameters | undefined {
  const offeredBits = offer.client_max_window_bits
  if (endpoint.windowBits && offeredBits === undefined) return undefined
  const clientBits = smaller(endpoint.windowBits, offeredBits)
  const serverBits = smaller(driver.windowBits, offer.server_max_window_bits)
  return {
    ...((driver.noContextTakeover || offer.server_no_context_takeover) && {
      server_no_context_takeover: true,
    }),
    ...(endpoint.noContextTakeover && { client_no_context_takeover: true }),
    ...(serverBits && { server_max_window_bits: serverBits }),
    ...(endpoint.windowBits && { client_max_window_bits: clientBits }),
  }
}

/** What `response` makes of the directions. A driver that wants less for itself than it was allowed takes less. */
export function agreementOf(response: Parameters, wanted: Compression, driverRole: Role): Agreement {
  const { client_max_window_bits: clientBits } = response
  const agreed = {
    server: {
      noContextTakeover: response.server_no_context_takeover ?? false,
      windowBits: response.server_max_window_bits ?? MAX_WINDOW_BITS,
    },
    client: {
      noContextTakeover: response.client_no_context_takeover ?? false,
      windowBits: typeof clientBits === 'number' ? clientBits : MAX_WINDOW_BITS,
    },
  }
  const own = agreed[driverRole]
  return {
    ...agreed,
    [driverRole]: {
      noContextTakeover: own.noContextTakeover || (wanted.driver?.noContextTakeover ?? false),
      windowBits: smaller(own.windowBits, wanted.driver?.windowBits) ?? own.windowBits,
    },
  }
}

function smaller(a: number | undefined, b: number | true | undefined): number | undefined {
  if (typeof b !== 'number') return a
  return a === undefined ? b : Math.min(a, b)
}
