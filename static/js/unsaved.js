/* A <form data-unsaved> that was changed and neither sent nor kept asks before the page is left. */
const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-unsaved]");
  if (form) changed.add(form);
});

for (const name of ["submit", "kept"]) document.addEventListener(name, (event) => changed.delete(event.target));

window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});
