export type Role = 'server' | 'client'
