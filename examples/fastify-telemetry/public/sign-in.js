const form = document.getElementById('sign-in')
const problem = document.getElementById('problem')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  problem.textContent = ''
  try {
    const response = await fetch('/sign-in', {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
    })
    if (response.ok) location.assign(response.url)
    else problem.textContent = (await response.json()).error
  } catch {
    problem.textContent = 'The server does not answer. Try again in a moment.'
  }
})
