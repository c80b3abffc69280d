/** The option perMessageDeflate that `servers.ts` gives a program, as JSON. */
export const perMessageDeflate = JSON.parse(process.env.PER_MESSAGE_DEFLATE ?? 'true')
