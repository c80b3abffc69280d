/** What the gateways of Nest exchange: text that names an event. The server answers with the same event and data. */
export const event = JSON.stringify({
  event: 'echo',
  data: { id: 4711, user: 'ada', text: 'Hello, everybody' },
})
