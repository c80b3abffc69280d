import { WebSocket } from '@upwire/core/ws'

export = WebSocket
