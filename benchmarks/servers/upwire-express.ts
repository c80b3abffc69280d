import { upwire } from '@upwire/express'
import express from 'express'
import { control } from './control.ts'

const app = upwire(express())

app.ws('/', {
  message(socket, data) {
    socket.send(data)
  },
})

control(app.listen(0, '127.0.0.1'))
