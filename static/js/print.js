/* A <button data-print hidden> is shown where scripts run, and opens the print dialogue. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
