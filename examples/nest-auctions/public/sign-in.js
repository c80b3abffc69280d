const form = document.getElementById('sign-in')
const problem = document.getElementById('problem')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  problem.textContent = ''
  try {
    // The form's own address keeps `?auction=`, the auction to go back to.
    const response = await fetch(location.href, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
    })
    if (response.ok) location.assign(response.url)
    else problem.textContent = [(await response.json()).message].flat().join(' ')
  } catch {
    problem.textContent = 'The server does not answer. Try again in a moment.'
  }
})
