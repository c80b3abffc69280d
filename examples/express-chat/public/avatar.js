/** Puts the first letter of the name into `element`, in a colour that is always the same for the same person. */
export function paintAvatar(element, { id, name }) {
  element.textContent = [...name][0].toUpperCase()
  element.style.setProperty('--hue', hueOf(id))
}

/** Hues are spread by hashing the id: FNV-1a. */
export function hueOf(id) {
  let hash = 0x811c9dc5
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193)
  return (hash >>> 0) % 360
}
