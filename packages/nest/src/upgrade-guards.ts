import { type CanActivate, Scope, type Type, UseGuards } from '@nestjs/common'
import { scopeOf } from './nest-internals.ts'

/** A guard's class, which Nest makes an instance of, or an instance. */
export type UpgradeGuard = Type<CanActivate> | CanActivate

/** The method that carries the guards of a gateway, where Nest looks for enhancers it has to make. */
export const GUARDED_UPGRADE = 'guardedUpgrade'

const UPGRADE_GUARDS = 'upwire:upgrade_guards'

/**
 * Binds guards to the opening handshake of a gateway: ordinary ones, with an `ExecutionContext` of type `http` whose
 * request is the upgrade request and whose class is the gateway. When one of them says no, the peer reads the response
 * that exception filters make, 403 unless the guard has thrown something else, and `handleConnection` is not called.
 * Guards of `@UseGuards` run for each message, as ever.
 *
 * A guard with the scope of a request is made for each handshake, and its `REQUEST` is the upgrade request; the gateway
 * is not scoped by that. What a guard leaves in `request.user` becomes `socket.data`.
 */
export function UseUpgradeGuards(...guards: UpgradeGuard[]): ClassDecorator {
  return (gateway) => {
    const all = [...upgradeGuardsOf(gateway), ...guards]
    Reflect.defineMetadata(UPGRADE_GUARDS, all, gateway)
    const carrier = { value: function guardedUpgrade() {}, configurable: true }
    UseGuards(...all.filter(isUnscoped))(gateway.prototype, GUARDED_UPGRADE, carrier)
    Object.defineProperty(gateway.prototype, GUARDED_UPGRADE, carrier)
  }
}

/** What `@UseUpgradeGuards` was given for a gateway, and for those that it extends. */
export function upgradeGuardsOf(gateway: object): readonly UpgradeGuard[] {
  return Reflect.getMetadata(UPGRADE_GUARDS, gateway) ?? []
}

function isUnscoped(guard: UpgradeGuard): boolean {
  return typeof guard !== 'function' || scopeOf(guard) === Scope.DEFAULT
}
