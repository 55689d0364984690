/* "/" goes to the page's search field, marked data-search; where there is none, to the page that searches everything. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("[data-search]");
  const page = document.body.dataset.searchPage;
  if (!search && !page) return;
  event.preventDefault();
  if (!search) {
    location.assign(page);
    return;
  }
  search.focus();
  search.select();
});
