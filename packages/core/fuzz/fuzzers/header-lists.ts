import { formatExtensions, readExtensionOffers } from '../../src/handshake/extension-offer.ts'
import { includesToken, isToken, splitTokens } from '../../src/handshake/header-list.ts'
import { readSubprotocols } from '../../src/handshake/subprotocol.ts'
import { expectSame, expectThat, type Fuzzer } from '../fuzzer.ts'
import { headerText } from '../header-text.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const SPACES_AROUND = /^[ \t]+|[ \t]+$/g
const MAX_OFFERS = 32
const MAX_PARAMETERS = 32
const MAX_LOOKS = 8

/** What a client says in the headers that hold lists. */
export const headerLists: Fuzzer = {
  name: 'header-lists',
  seeds: 'headers',
  about: 'lists of tokens, subprotocols and extension offers, as a client may write them',
  generate: headerText,
  check(input) {
    const value = input.toString('latin1')
    expectSame(
      String(isToken(value)),
      String(TOKEN.test(value)),
      'a token is what RFC 9110 §5.6.2 says it is',
    )
    checkTokens(value)
    checkSubprotocols(value)
    checkOffers(value)
  },
}

/** The same by splitting, which holds everything twice. */
function tokensOf(value: string): string[] | undefined {
  const elements = value.split(',').map((element) => element.replace(SPACES_AROUND, ''))
  const tokens = elements.filter((element) => element !== '')
  return tokens.every((token) => TOKEN.test(token)) ? tokens : undefined
}

function checkTokens(value: string): void {
  const tokens = splitTokens(value)
  expectSame(JSON.stringify(tokens), JSON.stringify(tokensOf(value)), 'a list is read as by splitting it')
  // Each look is linear by itself.
  const looked = [...new Set(tokens)].slice(-MAX_LOOKS)
  const missed = looked.find((token) => !includesToken(value, token.toUpperCase()))
  expectThat(missed === undefined, 'a list includes each of its tokens in any case', () => String(missed))
}

function checkSubprotocols(value: string): void {
  const names = readSubprotocols(value)
  if (names === undefined) return
  expectThat(names.length > 0 && names.every(isToken), 'subprotocols are tokens', () => names.join())
  expectThat(new Set(names).size === names.length, 'no subprotocol is there twice', () => names.join())
}

function checkOffers(value: string): void {
  const offers = readExtensionOffers(value)
  if (offers === undefined) return
  const isBounded =
    offers.length <= MAX_OFFERS &&
    offers.every(({ parameters }) => [...parameters.values()].flat().length <= MAX_PARAMETERS)
  expectThat(isBounded, 'offers and their parameters are bounded', () => `${offers.length} offers`)

  const written = formatExtensions(offers)
  const again = readExtensionOffers(written)
  expectSame(plain(offers), plain(again), 'offers that are written are read again')
}

function plain(offers: ReturnType<typeof readExtensionOffers>): string {
  return JSON.stringify(offers?.map(({ name, parameters }) => [name, ...parameters]))
}
