import type { CanActivate, INestApplicationContext, Type } from '@nestjs/common'
import { type ContextId, ContextIdFactory } from '@nestjs/core'
import { findWrapper, internals } from './nest-internals.ts'
import type { Application, Module, RegisteredGateway, Wrapper } from './nest-types.ts'
import { type UpgradeGuard, upgradeGuardsOf } from './upgrade-guards.ts'

/** How to make a guard that is scoped, for one request. */
type MakeGuard = (context: ContextId) => Promise<CanActivate>

/** One set of scoped providers for each request, whatever the number of its gateways. */
const contexts = new WeakMap<object, ContextId>()

/** The guards of an opening handshake: those that are shared, and those that are made for each request. */
export class HandshakeGuards {
  readonly #app: Application
  readonly #gateway: RegisteredGateway
  readonly #module: Module
  readonly #guards: (CanActivate | MakeGuard)[] = []
  /** Those that a request decides about. */
  readonly #scoped: Wrapper[] = []

  constructor(app: INestApplicationContext, gateway: RegisteredGateway) {
    this.#app = internals(app)
    this.#gateway = gateway
    this.#module = this.#app.container.getModules().get(gateway.moduleKey)!
  }

  get isEmpty(): boolean {
    return this.#guards.length === 0
  }

  /** Adds guards that a module provides. Throws a TypeError for a class that none does. */
  addProvided(guards: readonly UpgradeGuard[]): void {
    for (const guard of guards) this.#guards.push(typeof guard === 'function' ? this.#provided(guard) : guard)
  }

  /** Adds what `APP_GUARD` and `useGlobalGuards` have made global. */
  addGlobal(): void {
    const { applicationConfig } = this.#app.container
    const scoped = applicationConfig.getGlobalRequestGuards().map((wrapper) => this.#injectable(wrapper))
    this.#guards.push(...applicationConfig.getGlobalGuards(), ...scoped)
  }

  /** Adds those that `@UseUpgradeGuards` has bound to the gateway. */
  addOwn(): void {
    for (const guard of upgradeGuardsOf(this.#gateway.metatype)) {
      this.#guards.push(typeof guard === 'function' ? this.#bound(guard) : guard)
    }
  }

  /** All of them, where none has to be made for a request. */
  get shared(): CanActivate[] | undefined {
    return this.#guards.every(isMade) ? this.#guards : undefined
  }

  /** The guards for a request. Rejects when one cannot be made. */
  for(request: object): Promise<CanActivate[]> {
    const context = this.#contextOf(request)
    return Promise.all(this.#guards.map((guard) => (isMade(guard) ? guard : guard(context))))
  }

  #provided(guard: Type<CanActivate>): CanActivate | MakeGuard {
    const wrapper = findWrapper(this.#app, guard)
    if (!wrapper) {
      throw new TypeError(
        `Option upgradeGuards has ${guard.name}, which no module provides; add it to the providers of one`,
      )
    }
    if (isShared(wrapper)) return wrapper.instance as CanActivate
    this.#scoped.push(wrapper)
    return (context) => this.#app.resolve<CanActivate>(guard, context, { strict: false })
  }

  /** Nest knows the guards of a gateway, but for those that say they are scoped: they are added behind its back. */
  #bound(guard: Type<CanActivate>): CanActivate | MakeGuard {
    return this.#injectable(this.#module.injectables.get(guard) ?? this.#module.addInjectable(guard, 'guard'))
  }

  #injectable(wrapper: Wrapper): CanActivate | MakeGuard {
    if (isShared(wrapper)) return wrapper.instance as CanActivate
    this.#scoped.push(wrapper)
    const { injector } = this.#app
    const inquirer = this.#gateway.wrapper
    return async (context) => {
      await injector.loadInjectable(wrapper, wrapper.host, context, inquirer)
      const made = wrapper.getInstanceByContextId(injector.getContextId(context, wrapper), inquirer.id)
      return made.instance as CanActivate
    }
  }

  /** As Nest does it for controllers: durable providers are given the payload of their strategy as the request. */
  #contextOf(request: object): ContextId {
    const context = contexts.get(request) ?? ContextIdFactory.getByRequest(request)
    contexts.set(request, context)
    const isDurable = this.#scoped.every((wrapper) => wrapper.isDependencyTreeDurable())
    const provided = isDurable ? context.payload : Object.assign(request, context.payload)
    this.#app.registerRequestByContextId(provided, context)
    return context
  }
}

function isMade(guard: CanActivate | MakeGuard): guard is CanActivate {
  return typeof guard !== 'function'
}

/** Whether there is one for all. */
function isShared(wrapper: Wrapper): boolean {
  return !wrapper.isTransient && wrapper.isDependencyTreeStatic()
}
