import type { IncomingMessage } from 'node:http'

/** What a path's parameters are where the path is not known to the compiler. */
export type AnyParams = Readonly<Record<string, string>>

/** The request of an opening handshake, with the parameters of the path that matched. */
export interface UpgradeRequest<Params = AnyParams> extends IncomingMessage {
  params: Params
}

/** More than one parameter in a segment (`:lat-:lng`, `:file.:type`), or one with a pattern (`:id(^\\d+)`). */
type ManyInOne = `${string}${'-' | '.' | '(' | ':'}${string}`

type SegmentParams<Segment extends string> = Segment extends '*'
  ? { '*': string }
  : Segment extends `:${infer Name}`
    ? NamedParam<Name>
    : Segment extends `${string}${':' | '*'}${string}`
      ? AnyParams
      : unknown

type NamedParam<Name extends string> = Name extends ManyInOne
  ? AnyParams
  : Name extends `${infer Optional}?`
    ? { [Key in Optional]?: string }
    : { [Key in Name]: string }

type PathParams<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? SegmentParams<Segment> & PathParams<Rest>
  : SegmentParams<Path>

/** The parameters a path names: `ParamsOf<'/rooms/:room'>` is `{ readonly room: string }`. */
export type ParamsOf<Path extends string> = string extends Path
  ? AnyParams
  : { readonly [Name in keyof PathParams<Path>]: PathParams<Path>[Name] }
