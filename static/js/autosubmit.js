/* A <form data-autosubmit> is sent when a choice in it changes; its button stays for everyone else. */
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
});
