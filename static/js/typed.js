/* Copies of what was typed and not yet received, kept in this browser by person and address (autosave.js writes them).
   A page that says something was received ends the copies that were sent; signing out ends them all. */
const typedCopies = {
  prefix: "courtplan-typed:",

  read(key) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + key));
    } catch {
      return null;
    }
  },

  write(key, copy) {
    try {
      localStorage.setItem(this.prefix + key, JSON.stringify(copy));
    } catch {
      /* No room, or not allowed: the page still holds it. */
    }
  },

  end(isOver = () => true) {
    try {
      for (const name of Object.keys(localStorage)) {
        const key = name.startsWith(this.prefix) && name.slice(this.prefix.length);
        if (key && isOver(key, this.read(key))) localStorage.removeItem(name);
      }
    } catch {
      /* Not allowed: then there are none. */
    }
  },
};

if (document.querySelector("[data-received]")) typedCopies.end((key, copy) => !copy || copy.sent);

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) typedCopies.end();
});
