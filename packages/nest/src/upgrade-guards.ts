import { type CanActivate, type Type, UseGuards } from '@nestjs/common'

/** A guard's class, which Nest makes an instance of, or an instance. */
export type UpgradeGuard = Type<CanActivate> | CanActivate

/** The method that carries the guards of a gateway, where Nest looks for enhancers it has to make. */
export const GUARDED_UPGRADE = 'guardedUpgrade'

/**
 * Binds guards to the opening handshake of a gateway: ordinary ones, with an `ExecutionContext` of type `http` whose
 * request is the upgrade request and whose class is the gateway. When one of them says no, the peer reads the response
 * that exception filters make, 403 unless the guard has thrown something else, and `handleConnection` is not called.
 * Guards of `@UseGuards` run for each message, as ever.
 *
 * What a guard leaves in `request.user` becomes `socket.data`.
 */
export function UseUpgradeGuards(...guards: UpgradeGuard[]): ClassDecorator {
  return (gateway) => {
    const guarded = { value: function guardedUpgrade() {}, configurable: true }
    UseGuards(...guards)(gateway.prototype, GUARDED_UPGRADE, guarded)
    Object.defineProperty(gateway.prototype, GUARDED_UPGRADE, guarded)
  }
}
