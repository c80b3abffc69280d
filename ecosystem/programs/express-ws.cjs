const express = require('express')
const expressWs = require('express-ws')
const WebSocket = require('ws')

async function run() {
  const { assertOurs, report } = await import('./proof.mjs')
  const { app, getWss } = expressWs(express())
  app.use((request, _response, next) => {
    request.user = 'Ada'
    next()
  })
  app.ws('/echo/:room', (socket, request) => {
    socket.on('message', (message) => socket.send(`${request.user} in ${request.params.room}: ${message}`))
  })
  app.get('/', (_request, response) => response.send('a page'))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = `127.0.0.1:${server.address().port}`

  const client = new WebSocket(`ws://${address}/echo/kitchen`)
  await new Promise((resolve) => client.once('open', resolve))
  client.send('hello')
  const echo = await new Promise((resolve) => client.once('message', (data) => resolve(String(data))))
  assertOurs(client, getWss(), ...getWss().clients)
  const page = await (await fetch(`http://${address}/`)).text()
  client.close(3000, 'done')
  const code = await new Promise((resolve) => client.once('close', resolve))
  report([echo, page, code])
}

void run()
