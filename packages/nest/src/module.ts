import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common'
import type { UpwireAdapterOptions } from './adapter-options.ts'

/** The token of the options that `UpwireModule` provides. */
export const UPWIRE_OPTIONS = Symbol('UPWIRE_OPTIONS')

/** How to make the options from what is injected. */
export interface UpwireModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** The tokens of what `useFactory` is called with. */
  inject?: Extract<Provider, { inject?: unknown }>['inject']
  useFactory(...injected: never[]): UpwireAdapterOptions | Promise<UpwireAdapterOptions>
}

/**
 * Gives `new UpwireAdapter(app)` its options from providers. What is passed to the adapter itself comes before.
 *
 * ```ts
 * UpwireModule.forRootAsync({
 *   inject: [ConfigService],
 *   useFactory: (config: ConfigService) => ({ maxPayload: config.get('MAX_PAYLOAD') }),
 * })
 * ```
 */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: to Nest a module is a class
export class UpwireModule {
  /** Options that are known when the module is imported. The adapter throws a TypeError for one that cannot be used. */
  static forRoot(options: UpwireAdapterOptions): DynamicModule {
    return provide([], { provide: UPWIRE_OPTIONS, useValue: options })
  }

  /** Options that `useFactory` makes, of what is injected, once at the start. What it throws, the start fails with. */
  static forRootAsync({ imports = [], inject = [], useFactory }: UpwireModuleAsyncOptions): DynamicModule {
    return provide(imports, { provide: UPWIRE_OPTIONS, inject, useFactory })
  }
}

function provide(imports: ModuleMetadata['imports'], options: Provider): DynamicModule {
  return { module: UpwireModule, imports, providers: [options], exports: [UPWIRE_OPTIONS] }
}
