/* A <textarea data-longest="2000" data-left="… {n} …" data-over="… {n} …"> says from nine tenths on how much room is left. */
for (const box of document.querySelectorAll("textarea[data-longest]")) {
  const longest = Number(box.dataset.longest);
  const note = document.createElement("p");
  note.className = "field__count";
  note.setAttribute("aria-live", "polite");
  box.after(note);
  const count = () => {
    const left = longest - [...box.value].length;
    const words = left < 0 ? box.dataset.over : box.dataset.left;
    note.textContent = left > longest / 10 ? "" : words.replace("{n}", Math.abs(left));
    note.classList.toggle("field__count--over", left < 0);
  };
  box.addEventListener("input", count);
  count();
}
