/* <fieldset data-upload="address">: files are sent as they are chosen, one after the other, each with its progress and
   a way to stop it. Without this script they go along with the form. */
{
  const say = (box, name) => box.querySelector(`template[data-say="${name}"]`).content.textContent;

  const row = (box, file) => {
    const line = document.createElement("p");
    line.className = "upload__row";
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", `${say(box, "wait")} ${file.name}`);
    const name = document.createElement("bdi");
    name.textContent = file.name;
    const stop = document.createElement("button");
    stop.type = "button";
    stop.className = "button button--small button--quiet";
    stop.textContent = say(box, "cancel");
    line.append(name, bar, stop);
    return { line, bar, stop };
  };

  const send = (box, file, shown) =>
    new Promise((resolve) => {
      const form = box.closest("form");
      const data = new FormData();
      data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.append("evidence", file);
      const of = box.querySelector("[name=evidence_of]");
      if (of) data.append("evidence_of", of.value);
      const request = new XMLHttpRequest();
      shown.stop.addEventListener("click", () => request.abort());
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) shown.bar.value = (100 * event.loaded) / event.total;
      });
      request.addEventListener("abort", () => resolve(null));
      request.addEventListener("error", () => resolve({ messages: [say(box, "failed")] }));
      request.addEventListener("load", () => {
        try {
          resolve(JSON.parse(request.responseText));
        } catch {
          resolve({ messages: [say(box, "failed")] });
        }
      });
      request.open("POST", box.dataset.upload);
      request.send(data);
    });

  const take = (box, answer, shown) => {
    if (answer === null) {
      shown.line.remove();
      return;
    }
    const form = box.closest("form");
    if (answer.revision !== undefined) form.elements.revision.value = answer.revision;
    if (answer.evidence_list !== undefined) box.querySelector("[data-evidence-list]").innerHTML = answer.evidence_list;
    const messages = answer.messages ?? [];
    if (!messages.length) {
      shown.line.remove();
      return;
    }
    shown.bar.remove();
    shown.stop.remove();
    shown.line.replaceChildren(messages.join(" "));
    shown.line.classList.add("upload__row--refused");
  };

  for (const box of document.querySelectorAll("[data-upload]")) {
    const input = box.querySelector("input[type=file]");
    const progress = box.querySelector("[data-progress]");
    let last = Promise.resolve();
    input.addEventListener("change", () => {
      progress.hidden = false;
      const files = [...input.files];
      input.value = "";
      for (const file of files) {
        const shown = row(box, file);
        progress.append(shown.line);
        last = last.then(() => send(box, file, shown)).then((answer) => take(box, answer, shown));
      }
    });
    /* What is listed anew has buttons whose forms the page does not have yet. */
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button[form^=remove-evidence-]");
      if (!button || button.form) return;
      event.preventDefault();
      const form = box.closest("form");
      const address = button.closest("li").querySelector("a").getAttribute("href");
      const removal = document.createElement("form");
      removal.method = "post";
      removal.action = button.dataset.action ?? `${address}remove/`;
      const token = document.createElement("input");
      token.type = "hidden";
      token.name = "csrfmiddlewaretoken";
      token.value = form.elements.csrfmiddlewaretoken.value;
      removal.append(token);
      document.body.append(removal);
      removal.submit();
    });
  }
}
