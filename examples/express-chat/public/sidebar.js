/** Marks the room we are in among the rooms to choose from, and lets the user go to any other by its name. */
export function openSidebar(room) {
  const rooms = document.getElementById('rooms')
  const go = document.getElementById('go')

  document.title = `#${room} · Upwire chat`
  document.getElementById('room').textContent = room

  const link = rooms.querySelector(`a[href="/rooms/${room}"]`) ?? addRoom(rooms, room)
  link.ariaCurrent = 'page'

  go.addEventListener('submit', (event) => {
    event.preventDefault()
    location.assign(`/rooms/${new FormData(go).get('room')}`)
  })
}

function addRoom(rooms, room) {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = `/rooms/${room}`
  link.textContent = room
  item.append(link)
  rooms.append(item)
  return link
}
