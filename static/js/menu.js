/* A <details data-menu> closes on Escape and on a click elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* On a phone the row of pages scrolls: bring the current one into sight. */
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
