import express from 'express'
import expressWs from 'express-ws'
import { control } from './control.ts'

const { app } = expressWs(express())

app.ws('/', (socket) => {
  socket.on('message', (data) => socket.send(data))
})

control(app.listen(0, '127.0.0.1'))
